//! A time limit for work of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use postgres::{CancelToken, Client, NoTls};

/// The pause between two attempts to cancel: a statement may begin just then.
const PAUSE: Duration = Duration::from_secs(1);

/// Cancels what a connection does once the time is over. It ends when it is dropped.
pub(super) struct Limit {
    is_over: Arc<AtomicBool>,
    watch: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Limit {
    /// Starts to count.
    pub(super) fn start(client: &Client, time: Duration) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (stop, stopped) = channel::<()>();
        let (token, over) = (client.cancel_token(), Arc::clone(&is_over));
        let watch = move || {
            let mut pause = time;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                over.store(true, Ordering::Relaxed);
                cancel(&token);
                pause = PAUSE;
            }
        };
        // Without a thread there is no limit.
        let thread = std::thread::Builder::new().name("tdata-limit".into()).spawn(watch).ok();
        Self { is_over, watch: thread.map(|thread| (stop, thread)) }
    }

    /// Tells whether the time is over.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// If the server cannot be reached for it, the statement fails as well.
fn cancel(token: &CancelToken) {
    let _ = token.cancel_query(NoTls);
}

impl Drop for Limit {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.watch.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}
