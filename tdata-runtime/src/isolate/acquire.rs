//! All isolations: one file each.

use tdata_core::contract::{Isolation, Scope};

use super::instance::Instance;
use super::recipe::Recipe;
use super::stock::Stock;
use super::{database, schema, transaction};
use crate::error::Error;

/// Makes an instance by the isolation that the contract asks for; one that tests share is to be found under `key`.
pub(super) fn acquire(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Instance, Error> {
    match recipe.contract.isolation {
        Isolation::Full => database::acquire(stock, recipe, key),
        Isolation::Schema => schema::acquire(stock, recipe, key),
        Isolation::Transaction => transaction::acquire(stock, recipe, key),
    }
}

/// Makes an instance with the data as they were loaded, to compare with: whose user does not change it.
///
/// What transactions are over is a clone like any other.
pub(crate) fn fresh(stock: &Stock, recipe: &Recipe) -> Result<Instance, Error> {
    let mut recipe = recipe.clone();
    recipe.contract.scope = Scope::TestCase;
    if recipe.contract.isolation == Isolation::Transaction {
        recipe.contract.isolation = Isolation::Full;
    }
    acquire(stock, &recipe, "")
}
