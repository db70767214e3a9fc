//! Data that stay behind their test.

use std::time::Duration;

use tdata_postgres::Refusal;

use crate::isolate::{Instance, InstanceKind};
use crate::off_runtime::off_runtime;

/// What became of the wish to keep a test's data.
#[derive(Debug)]
pub(crate) enum Kept {
    /// They are not to be kept, or it was told before.
    Untold,
    /// They stay.
    Stays {
        /// The URL of a connection to them; without the password, where that is not ours to tell.
        url: String,
        /// Their database.
        database: String,
        /// How long they stay behind the last process, where the server is ours.
        keep_alive: Option<Duration>,
        /// Whether they stayed already.
        before: bool,
    },
    /// They are rolled back.
    RolledBack,
    /// The database refuses.
    Refused(Refusal),
}

impl Kept {
    /// Lets the data of an instance stay.
    pub(super) fn of(instance: &Instance) -> Self {
        if matches!(instance.kind, InstanceKind::Transactions { .. }) {
            return Self::RolledBack;
        }
        let server = &instance.session.server;
        match off_runtime(|| instance.keep()) {
            Err(refusal) => Self::Refused(refusal),
            Ok(before) => Self::Stays {
                url: instance.url_to_tell(),
                database: instance.database().to_owned(),
                keep_alive: server.is_owned().then(|| server.keep_alive()),
                before,
            },
        }
    }

    /// Returns what there is to tell of it, in lines without an end; nothing, where there is nothing to tell.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Untold => String::new(),
            Self::Stays { url, database, keep_alive: None, .. } => format!(
                "the data stay until you drop them:\n    {url}\n    \
                 ALTER DATABASE {database} IS_TEMPLATE false;\n    DROP DATABASE {database};"
            ),
            Self::Stays { url, keep_alive: Some(time), .. } => format!(
                "the data stay until their server stops, {} s after the last process \
                 (TDATA_KEEP_ALIVE=1h makes it an hour):\n    {url}",
                time.as_secs(),
            ),
            Self::RolledBack => {
                "nothing can be kept under transaction isolation: it is rolled back; use \
                 isolation = \"full\""
                    .to_owned()
            }
            Self::Refused(refusal) => format!("the data could not be kept: {refusal}"),
        }
    }
}
