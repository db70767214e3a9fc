//! All isolations: one file each.

use tdata_core::contract::{Isolation, Scope};

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

/// Makes an instance with the data as they were loaded, to compare with: whose user does not change it.
///
/// What transactions are over is a clone like any other.
pub(crate) fn fresh(recipe: &Recipe) -> Result<Instance, Error> {
    let mut recipe = recipe.clone();
    recipe.contract.scope = Scope::TestCase;
    if recipe.contract.isolation == Isolation::Transaction {
        recipe.contract.isolation = Isolation::Full;
    }
    acquire(&recipe)
}
