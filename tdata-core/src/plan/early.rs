//! What is wrong with a contract, as far as that is known before there are tables.

use super::catalog::Catalog;
use super::planner::{check_volumes, plan, plan_gathered};
use crate::contract::{Contract, Volume, Volumes};
use crate::definition::{Gathered, Library};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::mask::MaskKey;
use crate::rows::Stored;

/// The mistakes that no table can mend or make: whatever migrations do, these stay.
const WITHOUT_TABLES: &[&str] = &[
    "plan::circular_reference",
    "plan::constraint",
    "plan::unknown_category",
    "plan::unknown_field",
    "plan::unknown_generator",
    "plan::unknown_rule",
];

/// Tells what is wrong with a contract, as far as that is known before a database is asked. Where nothing makes tables
/// but definitions (`migrates` is false), that is all.
///
/// # Errors
///
/// If a dataset has mistakes by itself, or a volume is given for none: these, and what else is wrong with the contract.
/// Mistakes of planning alone are told by [`plan`].
pub fn check_early(
    contract: &Contract,
    library: &Library,
    key: &MaskKey,
    migrates: bool,
) -> Result<Gathered, Diagnostics> {
    let gathered = library.gather(contract.datasets.iter().map(String::as_str));
    if gathered.mistakes.is_empty() && check_volumes(contract, &gathered).is_empty() {
        return Ok(gathered);
    }
    let mistakes = match migrates {
        true => mistakes_without_tables(contract, library, key),
        false => plan(contract, library, key, &Catalog::default()).err().unwrap_or_default(),
    };
    mistakes.into_result(gathered)
}

/// The one that only a migration can mend, where there is one.
const UNKNOWN_TYPE: &str = "plan::unknown_type";

/// Returns all that is wrong with a contract whatever tables migrations make: to be told with what keeps these from being
/// made.
pub fn mistakes_without_tables(
    contract: &Contract,
    library: &Library,
    key: &MaskKey,
) -> Diagnostics {
    let mut gathered = library.gather(contract.datasets.iter().map(String::as_str));
    gathered.mistakes.leave_out(needs_tables);
    let stored = Stored::new();
    let planned = plan_gathered(contract, gathered, (library, &stored), key, &Catalog::default());
    planned.err().unwrap_or_default().end_leaving_out()
}

/// Tells whether only tables can tell that a mistake, found behind gathering, is one.
fn needs_tables(mistake: &Diagnostic) -> bool {
    match mistake.code() {
        // A table that migrations make may be what is referenced.
        "definition::unknown_dataset" => true,
        code => code.starts_with("plan::") && !WITHOUT_TABLES.contains(&code),
    }
}

/// Returns what is wrong with the definitions that a contract needs, as far as the compiler can tell it: what stays
/// whatever time, settings and tables a test has. Where nothing makes tables but definitions (`migrates` is false), it
/// comes with all else that planning refuses.
pub fn mistakes_while_compiling(
    contract: &Contract,
    library: &Library,
    migrates: bool,
) -> Diagnostics {
    let planned = |contract: &Contract, is_left_out: fn(&Diagnostic) -> bool| {
        let mut gathered = library.gather(contract.datasets.iter().map(String::as_str));
        gathered.mistakes.leave_out(is_left_out);
        let (stored, key) = (Stored::new(), MaskKey::development());
        let planned =
            plan_gathered(contract, gathered, (library, &stored), &key, &Catalog::default());
        planned.err().unwrap_or_default().end_leaving_out()
    };
    let least = Volumes { every: Some(Volume::Rows(1)), ..Volumes::default() };
    let of_definitions = Contract { volumes: least, apply_masking: true, ..contract.clone() };
    if migrates {
        return planned(&of_definitions, needs_tables);
    }
    let mistakes = planned(&of_definitions, |one| one.code() != UNKNOWN_TYPE && needs_tables(one));
    match mistakes.is_empty() {
        true => mistakes,
        // Volumes are the macro's own to check, at their places.
        false => planned(contract, |one| one.code() == "contract::unknown_volume"),
    }
}
