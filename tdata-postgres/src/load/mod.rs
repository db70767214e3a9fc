//! Loading: tables made where there are none, rows copied in.
//!
//! [`load_upon`] does all of it in one transaction. Long work does the same [step by step](make_tables), over several
//! connections. [`deal`] and [`load_dealt`] load into several databases.

mod ahead;
mod cause;
mod computed;
mod copied;
mod copy;
mod copying;
mod dealt;
mod deeds;
mod error;
mod ground;
mod keys;
mod memory;
mod parts;
mod progress;
mod rest;
mod rows;
mod sequences;
mod surroundings;
mod tables;
mod violation;

pub use copy::{copy, copy_part};
pub use copying::{Copying, streams};
pub use dealt::{Dealer, Feed, deal};
pub use error::LoadError;
pub use ground::Ground;
pub use keys::{Step, steps};
pub(crate) use memory::more_memory;
pub use parts::{analyze, finish, go_on, make_tables};
pub use progress::{Observer, Progress};
pub(crate) use rest::secured;
pub use rows::{explained, load, load_dealt, load_observed, load_upon, load_within};
