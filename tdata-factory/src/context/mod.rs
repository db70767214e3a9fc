//! The context: which test asks, and what its values start from.

mod handle;
mod numbers;
mod panic_hook;
mod test_name;

pub(crate) use handle::Taken;
pub use handle::{Context, Entered};
pub use test_name::of_this_thread as test_of_this_thread;
