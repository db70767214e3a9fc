//! The records that belong to another.

use super::builder::Factory;

/// What is said about the records that belong to another one: by default there are none.
pub struct Children<F: Factory> {
    groups: Vec<(usize, F::Builder)>,
}

impl<F: Factory> Children<F> {
    /// Adds `count` children of which nothing is said.
    pub fn add(&mut self, count: usize) {
        self.groups.push((count, F::builder()));
    }

    /// Adds `count` children, and says more about them.
    pub fn add_with(&mut self, count: usize, with: impl FnOnce(F::Builder) -> F::Builder) {
        self.groups.push((count, with(F::builder())));
    }

    pub(super) fn groups(&self) -> &[(usize, F::Builder)] {
        &self.groups
    }
}

impl<F: Factory> Default for Children<F> {
    fn default() -> Self {
        Self { groups: Vec::new() }
    }
}

impl<F: Factory> Clone for Children<F> {
    fn clone(&self) -> Self {
        Self { groups: self.groups.clone() }
    }
}

/// Says how many there are.
impl<F: Factory> std::fmt::Debug for Children<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count: usize = self.groups.iter().map(|(count, _)| count).sum();
        write!(f, "Children({count})")
    }
}
