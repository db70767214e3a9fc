//! Records: rows as structs.

mod dataset;
mod descriptor;
mod error;
mod record;
mod values;

pub use dataset::Dataset;
pub use descriptor::{Column, Definition, Definitions, Descriptor, Source, column};
pub use error::RecordError;
pub use record::{Keyed, Record};
pub use values::Values;
