//! Interrupting the command.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody interrupted the command, by Ctrl-C or a signal that ends programs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Begins to listen. The first signal lets a job end cleanly; the second ends the process at once.
    pub(crate) fn listen() -> Self {
        let stop = Self::default();
        let heard = Arc::clone(&stop.0);
        // Where signals cannot be listened to, they end the process as usual.
        let _ = ctrlc::set_handler(move || {
            if heard.swap(true, Ordering::SeqCst) {
                std::process::exit(crate::exit::INTERRUPTED.into());
            }
        });
        stop
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
