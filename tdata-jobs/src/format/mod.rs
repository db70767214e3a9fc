//! Rows as bytes, in several formats.
//!
//! A format writes single cells ([`cell`]), and how they make lines ([`lines`]); one file each says so.

mod cell;
mod column;
mod csv;
mod encoder;
mod layout;
mod lines;
mod word;

pub(crate) use column::Scratch;
pub(crate) use encoder::{Encoder, Rows, encoder};
pub use layout::Layout;
pub use word::Format;
