//! The end of the process: what it made on servers that stay is dropped.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::leftovers::drop_all_of_run;
use crate::isolate::{finish_reaping, leave_all, park_all};
use crate::server::servers;

/// How long the end of the process waits for the server.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs when the process ends by itself: returning from `main`, or `exit`, as the test harness does.
/// A process that is killed does not get here; the next run sweeps up behind it.
///
/// The work is done on a new thread: this one's thread-locals, which the database client needs, are
/// gone already.
#[dtor::dtor(unsafe)]
fn clean_up() {
    let (tell, done) = channel::<()>();
    let thread = std::thread::Builder::new().spawn(move || {
        // Dropped at the end, which is what is waited for.
        let _tell = tell;
        let servers = servers();
        if !servers.is_empty() {
            finish_reaping();
        }
        for server in servers {
            park_all(&server);
            // Whose users are not alive is dropped by others.
            let _ = leave_all(&server);
            match drop_all_of_run(&server) {
                // A server of ours that has gone took them along.
                Err(refusal) if server.is_owned() && refusal.is_connection() => {}
                Err(refusal) => {
                    crate::notice!("could not drop all databases of this run: {refusal}");
                }
                Ok(()) => server.sign_off(),
            }
            if !server.is_owned()
                && let Err(refusal) = server.leave()
            {
                crate::notice!("could not drop all templates: {refusal}");
            }
        }
    });
    if thread.is_ok() && done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        crate::notice!("the server does not answer; what this run made there the next one drops");
    }
}
