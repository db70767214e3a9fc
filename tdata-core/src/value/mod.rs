//! What cells hold: a value by itself, or the next of a block.

mod block;
mod certain;
mod copy_binary;
mod copy_text;
mod short;
mod single;
mod slot;
mod spare;
mod text;
mod utf8;
mod value_ref;

pub use block::{Block, Data};
pub use copy_binary::{BINARY_HEADER, BINARY_TRAILER, CopyBinary, OtherKind};
pub use copy_text::{append_row, append_rows};
pub(crate) use short::{Short, Snippet};
pub use single::{Value, ValueKind};
pub(crate) use slot::Slot;
pub(crate) use spare::with_spare;
pub(crate) use text::Text;
#[cfg(test)]
pub(crate) use text::written;
pub(crate) use utf8::utf8;
pub(crate) use value_ref::ValueRef;
