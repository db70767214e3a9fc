//! Isolation: what separates one live instance from another.

mod database;
mod error;
mod instance;
mod leftovers;
mod live;
mod read_only;
mod registry;
mod schema;
mod template;
mod transaction;

pub(crate) use error::IsolateError;
pub(crate) use instance::{Instance, InstanceKind};
pub(crate) use leftovers::{drop_all_of_run, sweep_once};
pub(crate) use live::instance;
pub(crate) use transaction::begin;
pub(crate) use template::Recipe;
