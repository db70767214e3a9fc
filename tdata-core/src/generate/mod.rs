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
#[cfg(test)]
mod tests;
mod value;

pub use build::Cells;
pub(crate) use build::{Build, Referenced, Told};
pub(crate) use choice::Distribution;
pub use copy_text::append_row;
pub use divisor::Divisor;
pub use entry::GeneratorEntry;
pub(crate) use families::reserved_numbers::{Country, NumberForm, Numbers};
pub(crate) use generator::{Cell, Generator, UniqueBy};
pub use key::{CellRng, FieldKey};
pub(crate) use permutation::Permutation;
pub use registry::GENERATORS;
pub(crate) use registry::find;
pub use value::{Value, ValueKind};
