//! Creation: records made, then stored.

mod create;
mod creation;
mod insert;
mod lint;

pub use create::{create, create_async, create_batch, create_batch_async};
pub use lint::{Lint, lints};
