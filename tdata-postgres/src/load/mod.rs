//! Loading: tables made where there are none, rows copied in.

mod cause;
mod computed;
mod copied;
mod deeds;
mod error;
mod ground;
mod rest;
mod rows;
mod sequences;
mod surroundings;
mod tables;
mod violation;

pub use error::LoadError;
pub use ground::Ground;
pub(crate) use rest::secured;
pub use rows::{copy, load, load_upon};
