//! Work that nobody waits for unless there is much of it, on a thread of its own.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

/// A piece of work. Its argument says whether this is its last chance.
pub(crate) type Task = Box<dyn FnOnce(bool) -> Next + Send>;

/// The outcome of a piece of work.
pub(crate) enum Next {
    /// It is done.
    Done,
    /// It waits for something, and has to be called again soon.
    Again(Task),
}

/// The pause before such work is called again.
const PAUSE: Duration = Duration::from_millis(5);

/// How much work may wait: whoever hands over more waits for some of it. Databases that are yet to be dropped take
/// connections and room.
const MOST: usize = 64;

/// Work that nobody waits for. Its thread starts with the first piece.
#[derive(Default)]
pub(crate) struct Background {
    worker: Mutex<Worker>,
    is_closing: AtomicBool,
}

#[derive(Default)]
enum Worker {
    #[default]
    Idle,
    Running {
        sender: SyncSender<Task>,
        thread: JoinHandle<()>,
    },
    /// There is no thread, and none will be.
    Over,
}

impl Background {
    /// Hands over a piece of work. After [`Background::finish`] it is done at once, on this thread.
    pub(crate) fn hand_over(&self, task: Task) {
        let mut worker = self.worker.lock();
        if let Worker::Idle = *worker {
            let (sender, receiver) = sync_channel(MOST);
            let builder = thread::Builder::new().name("tdata-background".into());
            *worker = match builder.spawn(move || work(&receiver)) {
                Ok(thread) => Worker::Running { sender, thread },
                Err(_) => Worker::Over,
            };
        }
        let sender = match &*worker {
            // The thread itself cannot wait for itself.
            Worker::Running { sender, thread }
                if thread.thread().id() != thread::current().id() =>
            {
                Some(sender.clone())
            }
            _ => None,
        };
        drop(worker);
        let task = match sender {
            Some(sender) => match sender.send(task) {
                Ok(()) => return,
                Err(unsent) => unsent.0,
            },
            None => task,
        };
        task(true);
    }

    /// Tells whether the session is ending, so that preparing anything is useless.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Waits until all work that was handed over is done.
    pub(crate) fn finish(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        let worker = std::mem::replace(&mut *self.worker.lock(), Worker::Over);
        if let Worker::Running { sender, thread } = worker {
            drop(sender);
            // One that panicked has done what it could.
            let _ = thread.join();
        }
    }
}

fn work(receiver: &Receiver<Task>) {
    let mut waiting: Vec<Task> = Vec::new();
    loop {
        let next = match waiting.is_empty() {
            true => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => receiver.recv_timeout(PAUSE),
        };
        let tasks = match next {
            Ok(task) => vec![task],
            Err(RecvTimeoutError::Timeout) => std::mem::take(&mut waiting),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        for task in tasks {
            if let Next::Again(task) = task(false) {
                waiting.push(task);
            }
        }
    }
    for task in waiting {
        task(true);
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Background")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    use super::*;

    fn counting(count: &Arc<AtomicU32>) -> Task {
        let count = Arc::clone(count);
        Box::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Next::Done
        })
    }

    #[test]
    fn all_that_was_handed_over_is_done_at_the_end() {
        let (background, count) = (Background::default(), Arc::default());
        for _ in 0..100 {
            background.hand_over(counting(&count));
        }
        background.finish();
        assert_eq!(count.load(Ordering::Relaxed), 100);
        background.hand_over(counting(&count));
        assert_eq!(count.load(Ordering::Relaxed), 101, "behind the end it is done at once");
    }

    #[test]
    fn whoever_hands_over_much_waits_for_some_of_it() {
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let (background, handed) = (Background::default(), Arc::new(AtomicU32::new(0)));
        let (counted, seen) = (Arc::clone(&handed), Arc::new(AtomicU32::new(0)));
        let (saw, count) = (Arc::clone(&seen), Arc::default());
        background.hand_over(Box::new(move |_| {
            let _ = gone.recv();
            saw.store(counted.load(Ordering::Relaxed), Ordering::Relaxed);
            Next::Done
        }));
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..100 * MOST {
                    background.hand_over(counting(&count));
                    handed.fetch_add(1, Ordering::Relaxed);
                }
            });
            while (handed.load(Ordering::Relaxed) as usize) < MOST {
                thread::yield_now();
            }
            drop(go);
        });
        assert!(seen.load(Ordering::Relaxed) as usize <= MOST, "the others waited");
        background.finish();
        assert_eq!(count.load(Ordering::Relaxed) as usize, 100 * MOST);
    }

    #[test]
    fn what_waits_is_asked_again_until_the_end() {
        fn waiting(asked: Arc<AtomicU32>) -> Task {
            Box::new(move |is_last| {
                asked.fetch_add(1, Ordering::Relaxed);
                if is_last { Next::Done } else { Next::Again(waiting(asked)) }
            })
        }
        let (background, asked, count) = (Background::default(), Arc::default(), Arc::default());
        background.hand_over(waiting(Arc::clone(&asked)));
        background.hand_over(counting(&count));
        background.finish();
        assert_eq!(count.load(Ordering::Relaxed), 1, "what waits stands in nobody's way");
        assert!(asked.load(Ordering::Relaxed) >= 2);
    }
}
