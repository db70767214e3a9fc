//! Rows of definitions, in files.

mod asked;
mod chunk;
mod in_order;
mod part;
mod run;
mod volume;

pub use asked::{Asked, Generate};
pub use run::{Generated, generate};
pub use volume::widen;
