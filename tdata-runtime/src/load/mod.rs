//! Loading: tables made where there are none, rows copied in.

mod error;
mod rows;
mod tables;

pub(crate) use error::LoadError;
pub(crate) use rows::{copy, load};
