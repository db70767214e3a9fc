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
    pub(super) fn pass_over(&mut self, place: &Place, what: &str) {
        self.passed_over.push(format!("{} line {}: {what}", place.name, place.line));
    }
}
