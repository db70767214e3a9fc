//! Creation: records made, then stored.

mod asking;
mod calls;
mod copy;
mod creation;
mod insert;
mod lint;

pub use calls::{create, create_async, create_batch, create_batch_async};
pub use lint::{Lint, lints};
