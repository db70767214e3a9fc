//! Plans: a contract resolved against definitions and catalog, with nothing left that can be wrong.

mod arranged;
mod arranging;
mod behind;
mod catalog;
mod check;
mod check_stored;
mod check_table;
mod check_values;
mod column;
mod ddl;
mod early;
mod equal_nulls;
mod existing;
mod existing_columns;
mod fields;
mod fingerprint;
mod keys;
mod masks;
mod names;
mod order;
mod planner;
mod refusals;
mod resolved;
mod sources;
mod uniqueness;
mod written;

pub use catalog::{
    Catalog, CatalogColumn, CatalogForeignKey, CatalogOther, CatalogRows, CatalogTable,
    CatalogType, Identity,
};
pub use ddl::TableKey;
pub use early::{check_early, mistakes_while_compiling, mistakes_without_tables};
pub use fingerprint::{Fingerprint, coarse_fingerprint, fingerprint, schema_fingerprint};
pub use planner::{plan, plan_stored};
pub use resolved::{DatasetPlan, ExistingRows, FieldPlan, ForeignKey, Plan, Sequence};
