//! The records that belong to another.

use std::any::TypeId;

use super::builder::{Factory, FactoryBuilder as _};
use super::demand::Demand;
use super::draft::Draft;
use super::link::Link;
use super::nesting::Way;
use crate::field::FieldType;

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

    /// Returns how many there are with the same said of them, and the builder that says it, linked to their
    /// parent.
    fn linked(&self, field: &str, link: &Link) -> impl Iterator<Item = (usize, F::Builder)> {
        self.groups.iter().map(move |(count, builder)| {
            let mut builder = builder.clone();
            builder.link(field, link.clone());
            (*count, builder)
        })
    }
}

impl Demand {
    /// Adds what children need, whose foreign key is `field`.
    pub fn children<F: Factory>(&mut self, field: &str, children: &Children<F>) {
        for (count, builder) in children.linked(field, &Link::Later) {
            // The children of each record are a batch of their own.
            for _ in 0..self.count {
                self.of(&builder, count as u64);
            }
        }
    }
}

impl Draft<'_> {
    /// Makes the children of the record, whose foreign key to it is `field`.
    pub fn children<F: Factory>(
        &mut self,
        field: &'static str,
        children: &Children<F>,
        key: &impl FieldType,
    ) -> Vec<F::Record> {
        let mut made = Vec::new();
        for (count, builder) in children.linked(field, &Link::Key(key.to_value())) {
            self.run.references(TypeId::of::<F::Record>(), self.record());
            // The children's numbers are their own.
            made.extend(self.run.make_batch(&builder, count, Way::Children(field)));
        }
        made
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
