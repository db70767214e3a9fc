//! Fields: the Rust types that hold columns' values.

mod arrays;
mod booleans;
mod cells;
mod choices;
#[cfg(feature = "chrono")]
mod chrono;
mod field_type;
#[cfg(feature = "jiff")]
mod jiff;
mod networks;
mod numbers;
mod options;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "serde_json")]
mod serde_json;
mod texts;
mod times;
#[cfg(feature = "uuid")]
mod uuid;

pub use arrays::ArrayElement;
pub use cells::Cells;
pub use choices::same_choices;
pub(crate) use choices::same_text;
pub use field_type::{FieldType, Mismatch};
