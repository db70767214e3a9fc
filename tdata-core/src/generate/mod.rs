//! Generation: a cell's value as a pure function of where it stands.

mod build;
mod choice;
mod copy_text;
mod divisor;
mod entry;
mod families;
mod generator;
mod key;
mod permutation;
mod registry;
mod value;

pub(crate) use build::Told;
pub use build::{Build, Cells, Referenced};
pub(crate) use choice::Distribution;
pub use copy_text::append_row;
pub use divisor::Divisor;
pub use entry::GeneratorEntry;
pub(crate) use families::reserved_numbers::{Country, NumberForm, Numbers};
pub use generator::{Cell, Generator, UniqueBy};
pub use key::{CellRng, FieldKey};
pub(crate) use permutation::Permutation;
pub use registry::{GENERATORS, find};
pub use value::{Value, ValueKind};
