//! Records: rows as structs.

mod dataset;
mod descriptor;
mod error;
mod record_trait;
mod values;

pub use dataset::Dataset;
pub use descriptor::{Column, Definition, Definitions, Descriptor, Source, column};
pub use error::RecordError;
pub use record_trait::{Keyed, Record};
pub use values::Values;
