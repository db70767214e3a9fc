//! What a layout is.

use tdata_core::project::MigrationLayout;

use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::History;
use crate::migrate::surroundings::Surroundings;

/// How a tool lays out migrations, and what it leaves in the database.
pub(in crate::migrate) struct Layout {
    pub(in crate::migrate) word: MigrationLayout,
    /// Finds the migrations of a folder.
    pub(in crate::migrate) find: fn(&Folder, &Surroundings<'_>, &mut Found),
    /// Brings them into order.
    pub(in crate::migrate) order: fn(&mut Found),
    /// Whether the migrations of several folders are ordered as if they were in one.
    pub(in crate::migrate) is_merged: bool,
    /// How a migration says that it runs in no transaction.
    pub(in crate::migrate) outside: &'static str,
    /// What a migration sets for its session.
    pub(in crate::migrate) settings: Settings,
    /// The table of what has run.
    pub(in crate::migrate) history: Option<History>,
}

/// How long what a migration sets for its session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::migrate) enum Settings {
    /// Until its file ends.
    EndWithFile,
    /// Until all have run.
    Last,
    /// Until all have run, but for the role.
    LastWithoutRole,
}
