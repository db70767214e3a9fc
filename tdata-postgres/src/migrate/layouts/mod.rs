//! The layouts of the usual tools: one file each, all of one shape, entered in one table.

mod all;
mod detect;
mod diesel;
mod layout;
mod plain;
mod refinery;
mod sqlx;

pub(super) use all::of;
pub(super) use detect::detect;
pub(super) use layout::{Layout, Settings};
