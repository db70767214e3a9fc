//! Isolation: what separates one live instance from another.

mod acquire;
mod database;
mod definitions;
mod error;
mod event_triggers;
mod guard;
mod instance;
mod live;
mod migrated;
mod outline;
mod proof;
mod read_only;
mod recipe;
mod remains;
mod reuse;
mod schema;
mod session_options;
mod shape;
mod stock;
mod template;
mod transaction;

pub(crate) use acquire::fresh;
pub(crate) use database::prepare_clones;
pub(crate) use error::IsolateError;
pub(crate) use guard::SCHEMA as GUARD_SCHEMA;
pub(crate) use instance::{Instance, InstanceKind};
pub(crate) use live::instance;
pub(crate) use outline::{DatasetOutline, LazyPlan, Outline};
pub(crate) use recipe::{Programs, Recipe};
pub(crate) use reuse::{Loan, TableChanges};
pub(crate) use stock::Stock;
pub(crate) use transaction::begin;
