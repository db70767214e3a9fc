//! Plans: a contract resolved against definitions and catalog, with nothing left that can be wrong.

mod arranged;
mod arranging;
mod catalog;
mod check;
mod check_stored;
mod check_table;
mod check_values;
mod column;
mod ddl;
mod fields;
mod fingerprint;
mod keys;
mod masks;
mod order;
mod planner;
mod refusals;
mod resolved;
mod sources;
mod uniqueness;

pub use catalog::{
    Catalog, CatalogColumn, CatalogForeignKey, CatalogOther, CatalogTable, CatalogType, Identity,
};
pub use fingerprint::{Fingerprint, coarse_fingerprint, fingerprint, schema_fingerprint};
pub use planner::{check_volumes, plan, plan_stored};
pub use resolved::{DatasetPlan, FieldPlan, ForeignKey, Plan, Sequence};
