//! Isolation: what separates one live instance from another.

mod database;
mod error;
mod instance;
mod live;
mod notation;
mod outline;
mod read_only;
mod reaper;
mod recipe;
mod registry;
mod reuse;
mod schema;
mod shared;
mod template;
mod transaction;

pub(crate) use database::prepare_clones;
pub(crate) use error::IsolateError;
pub(crate) use instance::{Instance, InstanceKind};
pub(crate) use live::{forget_failures, instance};
pub(crate) use outline::{DatasetOutline, LazyPlan, Outline};
pub(crate) use reaper::finish_reaping;
pub(crate) use recipe::Recipe;
pub(crate) use registry::fresh;
pub(crate) use reuse::{Loan, TableChanges, drop_abandoned, park_all};
pub(crate) use shared::{drop_unused, leave_all};
pub(crate) use template::{forget_template, known_fingerprint, remember_fingerprint};
pub(crate) use transaction::begin;
