//! What storing records needs from the database before they are made.

use std::any::TypeId;

use super::builder::{Factory, FactoryBuilder};
use super::children::Children;
use super::parent::{Link, Parent, State};
use crate::record::{Descriptor, Record};

/// Counts the keys that the database is to give to records before they are made.
#[derive(Debug, Default)]
pub struct Demand {
    keys: Vec<KeyDemand>,
    /// How many records of the current builder are made.
    count: u64,
    /// The builders that are being looked at, outermost first.
    stack: Vec<(TypeId, &'static str)>,
    /// The columns of the outermost builder that tests say nothing about.
    implied: Vec<usize>,
}

/// The keys of one record type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyDemand {
    pub(crate) record: TypeId,
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) column: &'static str,
    pub(crate) count: u64,
}

impl Demand {
    /// Counts what `count` records of a builder need.
    pub(crate) fn of<B: FactoryBuilder>(&mut self, builder: &B, count: u64) {
        let outer = std::mem::replace(&mut self.count, count);
        enter::<B>(&mut self.stack);
        builder.demand(self);
        self.stack.pop();
        self.count = outer;
    }

    /// Adds the primary key, where the test gives none.
    pub fn key<R: Record, T>(&mut self, column: usize, given: &Option<T>) {
        if given.is_some() || self.count == 0 {
            return;
        }
        self.imply(column);
        let (record, descriptor) = (TypeId::of::<R>(), R::DESCRIPTOR);
        match self.keys.iter_mut().find(|demand| demand.record == record) {
            Some(demand) => demand.count += self.count,
            None => self.keys.push(KeyDemand {
                record,
                descriptor,
                column: descriptor.columns[column].name,
                count: self.count,
            }),
        }
    }

    /// Adds what a parent needs that is to be made.
    pub fn parent<K, F: Factory>(&mut self, column: usize, parent: &Parent<K, F>) {
        let count = if parent.is_each() { self.count } else { self.count.min(1) };
        match parent.state() {
            State::Default => self.of(&F::builder(), count),
            State::With(builder) => self.of(&**builder, count),
            State::Key(_) | State::Later => return,
        }
        self.imply(column);
    }

    /// Adds what children need, whose foreign key is `field`.
    pub fn children<F: Factory>(&mut self, field: &str, children: &Children<F>) {
        for (count, builder) in children.groups() {
            let mut builder = builder.clone();
            builder.link(field, Link::Later);
            // The children of each record are a batch of their own.
            for _ in 0..self.count {
                self.of(&builder, *count as u64);
            }
        }
    }

    fn imply(&mut self, column: usize) {
        if self.stack.len() == 1 {
            self.implied.push(column);
        }
    }

    pub(crate) fn keys(&self) -> &[KeyDemand] {
        &self.keys
    }

    /// Returns the columns of the outermost builder that the database or a parent fills.
    #[cfg(feature = "serde_json")]
    pub(super) fn implied(&self) -> &[usize] {
        &self.implied
    }
}

/// Enters a builder.
///
/// # Panics
///
/// When it is entered already so often that factories must need each other without end.
pub(super) fn enter<B: FactoryBuilder>(stack: &mut Vec<(TypeId, &'static str)>) {
    /// A record may well have a parent of its own type, which has one, and so on for some levels.
    const DEEPEST: usize = 32;
    let this = TypeId::of::<B>();
    stack.push((this, B::BLUEPRINT.factory));
    if stack.iter().filter(|(other, _)| *other == this).count() > DEEPEST {
        let names: Vec<&str> = stack.iter().rev().map(|(_, name)| *name).collect();
        let cycle = names.iter().skip(1).position(|name| *name == names[0]).unwrap_or(0);
        let cycle: Vec<&str> = names[..=cycle + 1].iter().rev().copied().collect();
        panic!(
            "these factories need each other without end: {}\n\
             give one of them the record it belongs to",
            cycle.join(" → ")
        );
    }
}
