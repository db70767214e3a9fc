//! `contract.toml`: what the test ran on.

use super::json::text;
use super::test_id::TestId;
use crate::inject::TestData;

/// Its name in a bundle.
pub(super) const NAME: &str = "contract.toml";

/// Writes the contract as it was completed, and what else the values depend on.
pub(super) fn write(id: &TestId, data: &TestData) -> String {
    let (contract, recipe, server) = (data.contract(), data.recipe(), data.server());
    let datasets: Vec<String> = contract.datasets.iter().map(|name| text(name)).collect();
    let volumes: String = (data.counts().iter())
        .map(|(dataset, rows)| format!("{} = {rows}\n", text(dataset)))
        .collect();
    let attempt = recipe.attempt.map(|attempt| format!("attempt = {attempt}\n"));
    format!(
        "# What a test ran on when it failed. Its data come again with TDATA_REPLAY=<this folder>.\n\
         package = {}\ntarget = {}\ntest = {}\n{}\n\
         datasets = [{}]\nscope = \"{}\"\nisolation = \"{}\"\napply_masking = {}\nversion = \"{}\"\n\
         writable = {}\nseed = {}\nas_of = \"{}\"\n\n\
         # The masking key's name, which does not tell the key.\n\
         masking_key = \"{}\"\nfingerprint = \"{}\"\ntdata = \"{}\"\npostgresql = {}\nserver = \"{}\"\n\n\
         # The rows of every dataset, of those that relationships brought along too.\n[volumes]\n{volumes}",
        text(&id.package),
        text(&id.target),
        text(&id.test),
        attempt.unwrap_or_default(),
        datasets.join(", "),
        contract.scope,
        contract.isolation,
        contract.apply_masking,
        contract.version,
        contract.writable,
        contract.seed,
        contract.as_of,
        recipe.mask_key.id(),
        recipe.fingerprint,
        env!("CARGO_PKG_VERSION"),
        server.version(),
        server.source(),
    )
}
