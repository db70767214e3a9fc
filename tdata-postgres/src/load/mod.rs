//! Loading: tables made where there are none, rows copied in.

mod error;
mod rows;
mod sequences;
mod surroundings;
mod tables;

pub use error::LoadError;
pub use rows::{copy, load};
