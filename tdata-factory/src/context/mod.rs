//! The context: which test asks, and what its values start from.

mod context;
mod environment;
mod numbers;
mod panic_hook;
mod test_name;

pub(crate) use context::Taken;
pub use context::{Context, Entered};
pub use environment::{Start, parsed, variable};
pub use test_name::of_this_thread as test_of_this_thread;
