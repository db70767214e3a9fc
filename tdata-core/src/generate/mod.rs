//! Generation: a cell's value as a pure function of where it stands.

mod build;
mod choice;
mod divisor;
mod entry;
mod families;
mod generator;
mod key;
mod permutation;
mod registry;
#[cfg(test)]
mod tests;

pub use build::Cells;
pub(crate) use build::{Build, Referenced, Told};
pub(crate) use choice::Distribution;
pub use divisor::Divisor;
pub use entry::GeneratorEntry;
pub(crate) use families::literal::{kind_of, parse_value};
pub(crate) use families::reserved_numbers::{Country, NumberForm, Numbers};
pub(crate) use families::text;
pub(crate) use generator::{AnyGenerator, Cell, Family, Generator, UniqueBy};
pub use key::{CellRng, FieldKey};
pub(crate) use permutation::Permutation;
pub use registry::GENERATORS;
pub(crate) use registry::entry;
