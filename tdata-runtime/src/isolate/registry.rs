//! All isolations: one file each.

use tdata_core::contract::Isolation;

use super::instance::Instance;
use super::recipe::Recipe;
use super::{database, schema, transaction};
use crate::error::Error;

/// Makes an instance by the isolation that the contract asks for.
pub(super) fn acquire(recipe: &Recipe) -> Result<Instance, Error> {
    match recipe.contract.isolation {
        Isolation::Full => database::acquire(recipe),
        Isolation::Schema => schema::acquire(recipe),
        Isolation::Transaction => transaction::acquire(recipe),
    }
}
