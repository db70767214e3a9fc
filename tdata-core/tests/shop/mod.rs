//! The example shop, and other small projects to plan.

#![expect(clippy::unwrap_used, reason = "this is for tests")]

use std::path::Path;

use tdata_core::contract::Contract;
use tdata_core::definition::{Instant, Library};
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, plan};
use tdata_core::project::Project;

/// The datasets of the example shop.
pub(crate) const SHOP: [&str; 6] =
    ["accounts", "order_items", "orders", "organizations", "payments", "users"];

pub(crate) fn as_of() -> Instant {
    "2024-05-01".parse().unwrap()
}

/// The definitions of the example shop.
pub(crate) fn shop() -> Library {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Project::at(root).unwrap().library().unwrap()
}

pub(crate) fn contract<'a>(datasets: impl IntoIterator<Item = &'a str>) -> Contract {
    Contract::new(datasets, as_of())
}

/// Plans without tables, under the development key.
pub(crate) fn planned(contract: &Contract, library: &Library) -> Result<Plan, Diagnostics> {
    plan(contract, library, &MaskKey::development(), &Catalog::default())
}

/// Makes a library of datasets, each given by its name and the lines of its `spec` behind `table`,
/// indented by two.
pub(crate) fn library(datasets: &[(&str, &str)]) -> Library {
    let mut library = Library::default();
    for (name, spec) in datasets {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  table: {name}\n{spec}"
        );
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    library
}
