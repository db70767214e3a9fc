//! The engine that the tests of a process share.

use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use tdata_core::contract::PartialContract;

use super::configure::configuration;
use crate::engine::Engine;
use crate::error::Error;
use crate::inject::TestData;
use crate::request::Request;

/// The one engine that lives for the process; `Err` where the environment has mistakes.
static ENGINE: OnceLock<Result<Engine, Error>> = OnceLock::new();

/// How long the end of the process waits for the server.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns the engine that the tests of this process share. It is made from the environment, and what the test program
/// says to `configure!`.
pub(super) fn engine() -> Result<Engine, Error> {
    ENGINE.get_or_init(|| Ok(Engine::new(configuration()?))).clone()
}

impl TestData {
    /// Asks the engine of this process for datasets. The datasets that they reference come along. The engine reads its
    /// settings from the environment; [`Engine::request`] asks an engine of your own.
    pub fn request<S: Into<String>>(datasets: impl IntoIterator<Item = S>) -> Request {
        Request::of(engine(), PartialContract::of(datasets))
    }
}

/// Ends that engine when the process ends by itself: returning from `main`, or `exit`, as the test harness does.
/// A process that is killed does not get here; the next one cleans up after it.
///
/// The work is done on a new thread: this one's thread-locals, which the database client needs, are
/// gone already.
#[dtor::dtor(unsafe)]
fn end() {
    let Some(Ok(engine)) = ENGINE.get() else { return };
    let (tell, done) = channel::<()>();
    let thread = std::thread::Builder::new().spawn(move || {
        // Dropped at the end, which is what is waited for.
        let _tell = tell;
        engine.close();
    });
    if thread.is_ok() && done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        let notices = engine.config().notices_sink();
        notices.say("the server does not answer; the next process drops what this one made there");
    }
}
