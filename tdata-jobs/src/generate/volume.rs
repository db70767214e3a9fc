//! Rows asked for and volumes.

use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Library;

/// Gives datasets of a contract, of which rows up to `end` are asked for, so many rows at least. A volume that the contract
/// says stays.
pub fn widen(contract: &mut Contract, library: &Library, datasets: &[String], end: u64) {
    if contract.volumes.every.is_some() {
        return;
    }
    for dataset in datasets {
        let Some(Ok(spec)) = library.get(dataset) else { continue };
        if contract.volumes.by_dataset.contains_key(dataset) {
            continue;
        }
        let usual = contract.volumes.rows(dataset, spec.rows);
        if usual < end {
            contract.volumes.by_dataset.insert(dataset.clone(), Volume::Rows(end));
        }
    }
}
