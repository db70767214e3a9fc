//! Which factories are at work within which.

use std::any::TypeId;

use super::blueprint::Blueprint;
use super::cannot_make::cannot_make;

/// The builders that are at work, outermost first.
#[derive(Debug, Default)]
pub(super) struct Nesting(Vec<Level>);

/// A builder that is at work.
#[derive(Debug)]
struct Level {
    builder: TypeId,
    blueprint: &'static Blueprint,
    way: Way,
}

/// What a builder is to the one around it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// It is asked for by itself.
    Asked,
    /// It makes the parent that a column references.
    Parent(usize),
    /// It makes children with that foreign key.
    Children(&'static str),
}

/// How often a builder may be within itself: a record may well have a parent of its own type, which has one, and
/// so on for some levels.
const DEEPEST: usize = 32;

impl Nesting {
    /// Enters a builder, by its type. Gives up when it is entered already so often that factories must need each other
    /// without end.
    pub(super) fn enter(&mut self, builder: TypeId, blueprint: &'static Blueprint, way: Way) {
        self.0.push(Level { builder, blueprint, way });
        if self.0.iter().filter(|other| other.builder == builder).count() > DEEPEST {
            let names: Vec<&str> = self.0.iter().rev().map(|one| one.blueprint.factory).collect();
            let cycle = names.iter().skip(1).position(|name| *name == names[0]).unwrap_or(0);
            let cycle: Vec<&str> = names[..=cycle + 1].iter().rev().copied().collect();
            cannot_make(format!(
                "these factories need each other without end: {}\n\
                 give one of them the record it belongs to",
                cycle.join(" → ")
            ));
        }
    }

    /// Writes how a test says something of the record that is being made, `call` being what the record's own builder
    /// is told, such as `status_id(..)`.
    pub(super) fn call(&self, call: String) -> String {
        let pairs = self.0.iter().zip(self.0.iter().skip(1)).rev();
        let call = pairs.fold(call, |call, (outer, inner)| {
            let Blueprint { associations, children, .. } = outer.blueprint;
            match inner.way {
                Way::Asked => call,
                Way::Parent(column) => {
                    let with = associations.iter().find(|one| one.column == column);
                    let with = with.map_or("with", |one| one.with);
                    let name = with.strip_suffix("_with").unwrap_or("one");
                    format!("{with}(|{name}| {name}.{call})")
                }
                Way::Children(by) => {
                    let factory = inner.blueprint.factory;
                    let with = children.iter().find(|one| one.by == by && one.factory == factory);
                    let with = with.map_or("with", |one| one.with);
                    format!("{with}(.., |one| one.{call})")
                }
            }
        });
        format!(".{call}")
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
    use super::super::cannot_make::attempt;
    use super::*;

    struct User;
    struct Account;

    const fn blueprint(factory: &'static str) -> Blueprint {
        Blueprint { factory, generators: "", associations: &[], children: &[], setters: &[] }
    }

    const USERS: &Blueprint = &blueprint("Users");
    const ACCOUNTS: &Blueprint = &blueprint("Accounts");

    #[test]
    fn factories_without_end_are_told() {
        let mut nesting = Nesting::default();
        let endless: Result<(), String> = attempt(|| {
            loop {
                nesting.enter(TypeId::of::<User>(), USERS, Way::Asked);
                nesting.enter(TypeId::of::<Account>(), ACCOUNTS, Way::Asked);
            }
        });
        let told = endless.unwrap_err();
        assert!(told.contains("need each other without end: Users → Accounts → Users\n"), "{told}");
    }

    #[test]
    fn one_after_another_are_not_within() {
        let mut nesting = Nesting::default();
        for _ in 0..2 * DEEPEST {
            nesting.enter(TypeId::of::<User>(), USERS, Way::Asked);
            assert!(nesting.is_outermost());
            nesting.leave();
        }
        assert!(!nesting.is_outermost());
    }
}
