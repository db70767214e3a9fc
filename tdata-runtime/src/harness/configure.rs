//! How a test program configures the engine that its tests share.

use parking_lot::Mutex;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};

use crate::config::Config;

/// What changes the configuration of the environment, and where that is said.
struct Change {
    change: fn(Config) -> Config,
    place: (&'static str, u32),
}

/// What the test program says. It is said before `main`: whichever test comes first finds it.
static CHANGES: Mutex<Vec<Change>> = Mutex::new(Vec::new());

/// Notes how the engine of this process is configured. The macro `configure!` expands to it; the place is its file and line.
pub fn configure(change: fn(Config) -> Config, file: &'static str, line: u32) {
    CHANGES.lock().push(Change { change, place: (file, line) });
}

/// Returns the configuration of this process.
pub(super) fn configuration() -> Result<Config, Diagnostics> {
    let config = Config::from_environment()?;
    match CHANGES.lock().as_slice() {
        [] => Ok(config),
        [Change { change, .. }] => Ok(change(config)),
        [one, another, ..] => Err(said_twice(one.place, another.place).into()),
    }
}

fn said_twice(one: (&str, u32), another: (&str, u32)) -> Diagnostic {
    let place = |(file, line): (&str, u32)| format!("{file}:{line}");
    let mut places = [place(one), place(another)];
    // Nobody knows which of them the linker puts first.
    places.sort();
    let message =
        format!("a test program says `tdata::configure!` twice: {}", places.join(" and "));
    Diagnostic::new("configure::twice", message).help("say all of it in one place")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_are_told_in_the_same_order() {
        let told = said_twice(("b.rs", 1), ("a.rs", 2)).to_string();
        assert!(told.contains("twice: a.rs:2 and b.rs:1"), "{told}");
        assert_eq!(told, said_twice(("a.rs", 2), ("b.rs", 1)).to_string());
    }
}
