//! Makes chunks of bytes on several threads ahead of who takes them, in order.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, ScopedJoinHandle, scope};

/// How many finished chunks wait for their turn on each thread's lane.
pub(super) const WAITING: usize = 2;

/// What a chunk is made in, again and again.
pub(super) trait Buffer: Default + Send {
    /// Takes out what is in it, and keeps its memory.
    fn clear(&mut self);
}

impl Buffer for Vec<u8> {
    fn clear(&mut self) {
        self.clear();
    }
}

/// One thread's chunks.
struct Lane<'scope, B, E> {
    made: Receiver<Result<B, E>>,
    /// Buffers go back to their thread, which uses them again.
    used: Sender<B>,
    thread: ScopedJoinHandle<'scope, ()>,
}

/// Makes chunks, numbered from 0, on some threads, and hands them to `take` in order, on the thread that calls.
///
/// Each thread makes every so-manieth chunk, by a maker of its own, and runs ahead by [`WAITING`] chunks: memory is bounded,
/// however many chunks there are. Where there is no thread, who takes also makes.
///
/// # Errors
///
/// The first one, of a maker or of `take`. All threads have ended by then.
///
/// # Panics
///
/// With what a maker panics with.
pub(super) fn in_order<B: Buffer, M, E: Send>(
    chunks: u64,
    threads: usize,
    maker: impl Fn() -> M + Sync,
    mut take: impl FnMut(u64, &mut B) -> Result<(), E>,
) -> Result<(), E>
where
    M: FnMut(u64, &mut B) -> Result<(), E>,
{
    scope(|scope| {
        let maker = &maker;
        let start = |first: usize| {
            let (out, made) = sync_channel(WAITING);
            let (used, spare) = channel();
            let work = move || run(maker(), (first..).step_by(threads), chunks, &out, &spare);
            // Without room for one more thread its chunks are made here.
            let thread = Builder::new().name("tdata rows".into()).spawn_scoped(scope, work);
            Some(Lane { made, used, thread: thread.ok()? })
        };
        let lanes: Vec<Option<Lane<'_, B, E>>> = (0..threads).map(start).collect();
        let mut own: Option<(M, B)> = None;
        let mut outcome = Ok(());
        for chunk in 0..chunks {
            let lane = lanes.get(chunk as usize % threads.max(1)).and_then(Option::as_ref);
            outcome = match lane {
                Some(lane) => match lane.made.recv() {
                    Ok(made) => made.and_then(|mut buffer| {
                        take(chunk, &mut buffer)?;
                        // Its thread may have ended.
                        let _ = lane.used.send(buffer);
                        Ok(())
                    }),
                    // It panicked, and its end tells.
                    Err(_) => break,
                },
                None => {
                    let (make, buffer) = own.get_or_insert_with(|| (maker(), B::default()));
                    buffer.clear();
                    make(chunk, buffer).and_then(|()| take(chunk, buffer))
                }
            };
            if outcome.is_err() {
                break;
            }
        }
        for Lane { made, used, thread } in lanes.into_iter().flatten() {
            // Nobody waits for room any more.
            drop((made, used));
            if let Err(panic) = thread.join() {
                resume_unwind(panic);
            }
        }
        outcome
    })
}

fn run<B: Buffer, E>(
    mut make: impl FnMut(u64, &mut B) -> Result<(), E>,
    mine: impl Iterator<Item = usize>,
    chunks: u64,
    out: &SyncSender<Result<B, E>>,
    spare: &Receiver<B>,
) {
    for chunk in mine.map(|chunk| chunk as u64).take_while(|chunk| *chunk < chunks) {
        let mut buffer = spare.try_recv().unwrap_or_default();
        buffer.clear();
        let made = make(chunk, &mut buffer).map(|()| buffer);
        let failed = made.is_err();
        if out.send(made).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use super::*;

    fn number(chunk: u64, out: &mut Vec<u8>) -> Result<(), String> {
        out.extend_from_slice(&chunk.to_be_bytes());
        Ok(())
    }

    #[test]
    fn chunks_come_in_order_on_any_number_of_threads() {
        for threads in [0, 1, 2, 3, 7] {
            for chunks in [0, 1, 2, 5, 100] {
                let mut taken = Vec::new();
                let outcome = in_order(
                    chunks,
                    threads,
                    || number,
                    |chunk, bytes| {
                        assert_eq!(*bytes, chunk.to_be_bytes());
                        taken.push(chunk);
                        Ok(())
                    },
                );
                assert_eq!(outcome, Ok(()));
                assert_eq!(taken, (0..chunks).collect::<Vec<_>>(), "{threads} threads");
            }
        }
    }

    #[test]
    fn threads_run_ahead_only_so_far_and_use_buffers_again() {
        let (threads, chunks) = (2, 500);
        let (made, buffers) = (AtomicU64::new(0), AtomicUsize::new(0));
        let maker = || {
            |chunk: u64, out: &mut Vec<u8>| {
                made.fetch_add(1, Ordering::SeqCst);
                if out.capacity() == 0 {
                    buffers.fetch_add(1, Ordering::SeqCst);
                }
                number(chunk, out)
            }
        };
        let mut most = 0;
        let outcome = in_order(chunks, threads, maker, |chunk, _| {
            // All that can be made is made, as far as this thread can see.
            std::thread::yield_now();
            most = most.max(made.load(Ordering::SeqCst) - chunk);
            Ok(())
        });
        assert_eq!(outcome, Ok(()));
        // On each lane: those that wait, one that is being made, and on one of them the one that is taken.
        let room = threads as u64 * (WAITING as u64 + 1) + 1;
        assert!(most <= room, "{most} chunks ahead, {room} at the most");
        let kept = threads * (WAITING + 2);
        assert!(buffers.load(Ordering::SeqCst) <= kept, "{buffers:?} buffers, {kept} at the most");
    }

    #[test]
    fn whoever_fails_ends_all() {
        for threads in [0, 1, 3] {
            let maker = || {
                |chunk, out: &mut Vec<u8>| {
                    if chunk == 7 { Err("made".to_owned()) } else { number(chunk, out) }
                }
            };
            let mut last = None;
            let outcome = in_order(1_000_000, threads, maker, |chunk, _| {
                last = Some(chunk);
                Ok(())
            });
            assert_eq!((outcome, last), (Err("made".to_owned()), Some(6)));
            let outcome = in_order(
                1_000_000,
                threads,
                || number,
                |chunk, _| {
                    if chunk == 7 { Err("taken".to_owned()) } else { Ok(()) }
                },
            );
            assert_eq!(outcome, Err("taken".to_owned()));
        }
    }

    #[test]
    fn a_panic_goes_on_here() {
        for threads in [0, 1, 3] {
            let maker = || {
                |chunk: u64, out: &mut Vec<u8>| {
                    assert_ne!(chunk, 7, "on purpose");
                    number(chunk, out)
                }
            };
            let run = || in_order(1_000_000, threads, maker, |_, _| Ok(()));
            let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
            let said = panic.downcast_ref::<String>().unwrap();
            assert!(said.contains("on purpose"), "{said}");
        }
    }
}
