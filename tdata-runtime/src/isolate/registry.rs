//! All isolations.

use tdata_core::contract::Isolation;

use super::instance::Instance;
use super::template::Recipe;
use super::{database, schema, transaction};
use crate::error::Error;

/// How an isolation makes an instance.
pub(super) type Acquire = fn(&Recipe) -> Result<Instance, Error>;

/// All isolations, with how each makes an instance.
const ISOLATIONS: &[(Isolation, Acquire)] = &[
    (Isolation::Full, database::acquire),
    (Isolation::Schema, schema::acquire),
    (Isolation::Transaction, transaction::acquire),
];

/// Makes an instance.
pub(super) fn acquire(recipe: &Recipe) -> Result<Instance, Error> {
    let wanted = recipe.contract.isolation;
    let entry = ISOLATIONS.iter().find(|(isolation, _)| *isolation == wanted);
    let acquire = entry.map_or(database::acquire as Acquire, |(_, acquire)| *acquire);
    acquire(recipe)
}
