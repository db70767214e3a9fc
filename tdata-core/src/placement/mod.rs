//! Placement: on which of several databases each row of a plan is.

mod decide;
mod form;
mod hash;
mod placed;
mod refusals;
mod route;
mod term;

pub use decide::place;
pub use form::HashForm;
pub use hash::{joined, shard_of};
pub use placed::{Placed, Placement};
pub use route::Unhashed;
