//! Interrupting the command.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use postgres::{CancelToken, Client, NoTls};

/// Whether somebody interrupted the command, by Ctrl-C or a signal that ends programs.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_asked: AtomicBool,
    /// What else is to be cancelled: statements that a server works on.
    statements: Mutex<Vec<CancelToken>>,
}

impl Stop {
    /// Begins to listen. The first signal lets a job end cleanly; the second ends the process at once.
    pub(crate) fn listen() -> Self {
        let stop = Self::default();
        let heard = Arc::clone(&stop.0);
        // Where signals cannot be listened to, they end the process as usual.
        let _ = ctrlc::set_handler(move || {
            if heard.is_asked.swap(true, Ordering::SeqCst) {
                std::process::exit(crate::exit::INTERRUPTED.into());
            }
            let statements = heard.statements.lock().unwrap_or_else(PoisonError::into_inner);
            for statement in &*statements {
                // A connection without a statement has none to cancel.
                let _ = statement.cancel_query(NoTls);
            }
        });
        stop
    }

    /// Lets an interrupt cancel what a connection's server works on, too.
    pub(crate) fn cancels(&self, client: &Client) {
        let statements = self.0.statements.lock();
        statements.unwrap_or_else(PoisonError::into_inner).push(client.cancel_token());
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.is_asked.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stop({})", self.is_asked())
    }
}
