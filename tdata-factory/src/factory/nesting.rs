//! Which factories are at work within which.

use std::any::TypeId;

/// The builders that are at work, outermost first.
#[derive(Debug, Default)]
pub(super) struct Nesting(Vec<(TypeId, &'static str)>);

/// How often a builder may be within itself: a record may well have a parent of its own type, which has one, and
/// so on for some levels.
const DEEPEST: usize = 32;

impl Nesting {
    /// Enters a builder, by its type and its factory's name.
    ///
    /// # Panics
    ///
    /// When it is entered already so often that factories must need each other without end.
    pub(super) fn enter(&mut self, builder: TypeId, factory: &'static str) {
        self.0.push((builder, factory));
        if self.0.iter().filter(|(other, _)| *other == builder).count() > DEEPEST {
            let names: Vec<&str> = self.0.iter().rev().map(|(_, name)| *name).collect();
            let cycle = names.iter().skip(1).position(|name| *name == names[0]).unwrap_or(0);
            let cycle: Vec<&str> = names[..=cycle + 1].iter().rev().copied().collect();
            panic!(
                "these factories need each other without end: {}\n\
                 give one of them the record it belongs to",
                cycle.join(" → ")
            );
        }
    }

    /// Leaves the builder that was entered last.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Tells whether one builder is at work, and none within it.
    pub(super) fn is_outermost(&self) -> bool {
        self.0.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct User;
    struct Account;

    #[test]
    #[should_panic(expected = "need each other without end: Users → Accounts → Users\n")]
    fn factories_without_end_are_told() {
        let mut nesting = Nesting::default();
        loop {
            nesting.enter(TypeId::of::<User>(), "Users");
            nesting.enter(TypeId::of::<Account>(), "Accounts");
        }
    }

    #[test]
    fn one_after_another_are_not_within() {
        let mut nesting = Nesting::default();
        for _ in 0..2 * DEEPEST {
            nesting.enter(TypeId::of::<User>(), "Users");
            assert!(nesting.is_outermost());
            nesting.leave();
        }
        assert!(!nesting.is_outermost());
    }
}
