//! Data that stay behind their test.

use std::sync::Once;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tdata_core::contract::Isolation;
use tdata_postgres::Refusal;

use super::data::Inner;
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

impl Inner {
    /// Lets the data stay, if they are to, behind a test that has failed, or has not. It is told once.
    pub(super) fn keep(&self, failed: bool) -> Kept {
        let Some(instance) = self.instance.lock().clone() else { return Kept::Untold };
        if !self.recipe.contract.keep.applies(failed) || self.is_kept.swap(true, Ordering::Relaxed)
        {
            return Kept::Untold;
        }
        if self.recipe.contract.isolation == Isolation::Transaction {
            return Kept::RolledBack;
        }
        let server = &self.stock.session.server;
        match off_runtime(|| instance.keep()) {
            Err(refusal) => Kept::Refused(refusal),
            Ok(before) => Kept::Stays {
                url: instance.url_to_tell(),
                database: instance.database().to_owned(),
                keep_alive: server.is_owned().then(|| server.keep_alive()),
                before,
            },
        }
    }

    /// Lets the data stay, if they are to, of a test that tells nothing itself.
    pub(super) fn keep_and_notice(&self) {
        let kept = self.keep(std::thread::panicking());
        static SAID: Once = Once::new();
        let notices = self.stock.session.server.notices();
        match &kept {
            Kept::Untold | Kept::Stays { before: true, .. } => {}
            // All tests of the process have this in common.
            Kept::RolledBack => SAID.call_once(|| notices.say(kept.message())),
            Kept::Stays { .. } | Kept::Refused(_) => notices.say(kept.message()),
        }
    }
}

impl Kept {
    /// Returns what there is to tell of it, in lines without an end; nothing, where there is nothing to tell.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Untold => String::new(),
            Self::Stays { url, database, keep_alive: None, .. } => format!(
                "the data stay until you drop them:\n    {url}\n    \
                 ALTER DATABASE {database} IS_TEMPLATE false; DROP DATABASE {database};"
            ),
            Self::Stays { url, keep_alive: Some(time), .. } => format!(
                "the data stay as long as their server, which goes {} s behind the last process \
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
