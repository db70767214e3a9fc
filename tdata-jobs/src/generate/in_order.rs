//! Work of several threads, taken in order.

use std::sync::mpsc::{channel, sync_channel};
use std::thread::{self, Builder};

/// Makes `count` things on some threads, and takes them in order on this one.
///
/// `make` gets the number of a thing, and one that was taken before, for its memory. Each thread makes every n-th thing and is
/// a few ahead at the most, so that memory does not grow with the count. Where there is no room for one more thread, who takes
/// also makes. The first error ends it all.
pub(super) fn in_order<T: Default + Send, W, E: Send>(
    count: u64,
    threads: usize,
    worker: impl Fn() -> Result<W, E> + Sync,
    make: impl Fn(u64, &mut W, &mut T) -> Result<(), E> + Sync,
    take: impl FnMut(u64, &T) -> Result<(), E>,
) -> Result<(), E> {
    in_order_with_room(usize::MAX, count, threads, worker, make, take)
}

/// The same where there is room for so many threads.
fn in_order_with_room<T: Default + Send, W, E: Send>(
    room: usize,
    count: u64,
    threads: usize,
    worker: impl Fn() -> Result<W, E> + Sync,
    make: impl Fn(u64, &mut W, &mut T) -> Result<(), E> + Sync,
    mut take: impl FnMut(u64, &T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = usize::try_from(count).map_or(threads, |count| threads.min(count)).max(1);
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..threads)
            .map(|lane| {
                let (made, taken) = sync_channel::<Result<T, E>>(1);
                let (back, spare) = channel::<T>();
                let (worker, make) = (&worker, &make);
                let work = move || {
                    let mut state = match worker() {
                        Ok(state) => state,
                        Err(error) => return drop(made.send(Err(error))),
                    };
                    for number in (lane as u64..count).step_by(threads) {
                        let mut thing = spare.try_recv().unwrap_or_default();
                        let result = make(number, &mut state, &mut thing).map(|()| thing);
                        let is_last = result.is_err();
                        // Where nobody takes any more, nothing more is made.
                        if made.send(result).is_err() || is_last {
                            return;
                        }
                    }
                };
                let thread = (lane < room).then(|| Builder::new().spawn_scoped(scope, work));
                thread.and_then(Result::ok).map(|_| (taken, back))
            })
            .collect();
        let mut own: Option<(W, T)> = None;
        for (number, lane) in (0..count).zip(lanes.iter().cycle()) {
            let Some((taken, back)) = lane else {
                let (state, thing) = match &mut own {
                    Some(own) => own,
                    None => own.insert((worker()?, T::default())),
                };
                make(number, state, thing)?;
                take(number, thing)?;
                continue;
            };
            // A thread that panicked sends nothing; the scope passes its panic on.
            let Ok(result) = taken.recv() else { return Ok(()) };
            let thing = result?;
            take(number, &thing)?;
            let _ = back.send(thing);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: u64, threads: usize, fails_at: Option<u64>) -> Result<Vec<u64>, u64> {
        numbers_with_room(usize::MAX, count, threads, fails_at)
    }

    fn numbers_with_room(
        room: usize,
        count: u64,
        threads: usize,
        fails_at: Option<u64>,
    ) -> Result<Vec<u64>, u64> {
        let mut taken = Vec::new();
        let make = |number: u64, (): &mut (), thing: &mut u64| {
            *thing = number * 2;
            if fails_at == Some(number) { Err(number) } else { Ok(()) }
        };
        let take = |number: u64, thing: &u64| {
            assert_eq!(*thing, number * 2);
            taken.push(number);
            Ok(())
        };
        in_order_with_room(room, count, threads, || Ok(()), make, take).map(|()| taken)
    }

    #[test]
    fn who_takes_makes_what_no_thread_does() {
        for room in [0, 1, 2] {
            for count in [0, 1, 2, 7, 100] {
                let all = numbers_with_room(room, count, 3, None);
                assert_eq!(all, Ok((0..count).collect()), "{room}");
            }
            assert_eq!(numbers_with_room(room, 1000, 3, Some(5)), Err(5));
        }
    }

    #[test]
    fn things_are_taken_in_order_whoever_makes_them() {
        for threads in [1, 2, 3, 8] {
            for count in [0, 1, 2, 7, 100] {
                assert_eq!(numbers(count, threads, None), Ok((0..count).collect()));
            }
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        for threads in [1, 2, 3] {
            assert_eq!(numbers(1000, threads, Some(5)), Err(5));
        }
        let refused = |_: u64, _: &u64| Err("no");
        let made = |_: u64, (): &mut (), _: &mut u64| Ok(());
        assert_eq!(in_order(1000, 2, || Ok(()), made, refused), Err("no"));
    }
}
