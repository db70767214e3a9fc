//! The end of the process: what it made on servers that stay is dropped.

use super::leftovers::drop_all_of_run;
use crate::isolate::finish_reaping;
use crate::server::{foreign_servers, stop_containers};

/// Runs when the process ends by itself: returning from `main`, or `exit`, as the test harness does.
/// A process that is killed does not get here; the next run sweeps up behind it.
///
/// The work is done on a new thread: this one's thread-locals, which the database client needs, are
/// gone already.
#[dtor::dtor(unsafe)]
fn clean_up() {
    let thread = std::thread::Builder::new().spawn(|| {
        let servers = foreign_servers();
        if !servers.is_empty() {
            finish_reaping();
        }
        for server in servers {
            if let Err(refusal) = drop_all_of_run(&server) {
                crate::notice!("could not drop all databases of this run: {refusal}");
            }
        }
        stop_containers();
    });
    if let Ok(thread) = thread {
        let _ = thread.join();
    }
}
