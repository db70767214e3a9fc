//! Panics: what they say, and where they come from.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;
use std::thread;

/// A panic, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panic {
    /// What it says; `None` where it says it in no text.
    pub(crate) message: Option<String>,
    /// The file, line and column that it comes from; `None` where nobody saw it.
    pub(crate) place: Option<String>,
}

thread_local! {
    /// The last panic of this thread.
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
    /// Whether a panic is what this thread wants to see.
    static PROBES: Cell<bool> = const { Cell::new(false) };
}

/// Does work, and returns its panic with what it carries.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, (Box<dyn Any + Send>, Panic)> {
    watch();
    // Whoever gets the panic goes on with it, so that nobody sees what it left half done.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = text(&*payload).map(str::to_owned);
        // Another one may have been caught since. One that only goes on here comes from another thread.
        let seen = last().filter(|last| last.message == message);
        (payload, seen.unwrap_or(Panic { message, place: None }))
    })
}

/// Tells whether work panics. Nothing is printed of it.
pub(crate) fn panics(work: impl FnOnce()) -> bool {
    watch();
    let probed = PROBES.replace(true);
    let panicked = catch_unwind(AssertUnwindSafe(work)).is_err();
    PROBES.set(probed);
    panicked
}

/// Returns the last panic of this thread.
pub(crate) fn last() -> Option<Panic> {
    LAST.with_borrow(Clone::clone)
}

fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Has panics be seen from now on, before whoever prints them. The hook of a panic is the one place that knows
/// where it comes from.
fn watch() {
    static WATCHED: Once = Once::new();
    // No hook can be set while a panic is under way.
    if thread::panicking() {
        return;
    }
    WATCHED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !PROBES.try_with(Cell::get).unwrap_or(false) {
                see(info);
                before(info);
            }
        }));
    });
}

fn see(info: &PanicHookInfo<'_>) {
    let message = text(info.payload()).map(str::to_owned);
    let seen = Panic { message, place: info.location().map(ToString::to_string) };
    // A thread that ends has no memory any more.
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(seen);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_with_its_message_and_place() {
        let line = line!() + 1;
        let (payload, panic) = catch(|| panic!("it is {}", "wrong")).unwrap_err();
        assert_eq!(panic.message.as_deref(), Some("it is wrong"));
        let place = panic.place.unwrap();
        assert!(place.contains(&format!("panics.rs:{line}:")), "{place}");
        assert_eq!(text(&*payload), Some("it is wrong"));
        assert_eq!(catch(|| 5).ok(), Some(5));
    }

    #[test]
    fn a_panic_without_a_text_has_a_place() {
        let (_, panic) = catch(|| panic::panic_any(5)).unwrap_err();
        assert_eq!(panic.message, None);
        assert!(panic.place.is_some());
    }

    #[test]
    fn the_place_of_another_panic_is_not_told() {
        let (_, panic) = catch(|| {
            let payload = thread::spawn(|| panic!("on another thread")).join().unwrap_err();
            panic::resume_unwind(payload)
        })
        .unwrap_err();
        assert_eq!(panic.message.as_deref(), Some("on another thread"));
        assert_eq!(panic.place, None);
    }

    #[test]
    fn a_probe_leaves_no_trace() {
        let before = last();
        assert!(panics(|| panic!("it is seen by nobody")));
        assert!(!panics(|| {}));
        assert_eq!(last(), before);
    }
}
