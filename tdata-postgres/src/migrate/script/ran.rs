//! What happened while migrations ran.

use crate::migrate::place::Place;

/// What happened while migrations ran that people are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Roles that they make and that exist, on a server where they stay as they are.
    pub existing_roles: Vec<String>,
    /// Roles that nobody made and that were made for them.
    pub made_roles: Vec<String>,
    /// What was not done, a line each.
    pub passed_over: Vec<String>,
}

impl Ran {
    /// Adds what happened in a later turn.
    pub fn extend(&mut self, later: Self) {
        let Self { existing_roles, made_roles, passed_over } = later;
        self.existing_roles.extend(existing_roles);
        self.made_roles.extend(made_roles);
        self.passed_over.extend(passed_over);
    }

    pub(super) fn pass_over(&mut self, place: &Place, what: &str) {
        self.passed_over.push(format!("{} line {}: {what}", place.name, place.line));
    }
}
