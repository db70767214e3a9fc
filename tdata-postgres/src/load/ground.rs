//! What rows are loaded upon, besides the tables.

use tdata_core::project::Triggers;

use crate::migrate::Migrations;

/// What rows are loaded upon, besides the tables.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Whether the triggers of the tables fire.
    pub triggers: Triggers,
    /// The role that is to own the tables that are made, if it is not the one that makes them.
    pub owner: Option<&'a str>,
    /// The migrations that made the tables, to tell where a trigger comes from.
    pub migrations: &'a Migrations,
}
