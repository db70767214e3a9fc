//! The record that another belongs to.

use std::any::TypeId;

use super::builder::Factory;
use super::cannot_make::cannot_make;
use super::demand::Demand;
use super::draft::Draft;
use super::into_field::IntoField;
use super::link::Link;
use super::nesting::Way;
use crate::field::FieldType;
use crate::record::Keyed;

/// What is said about the record that another one belongs to, by its foreign key of type `K`.
pub struct Parent<K, F: Factory> {
    state: State<K, F>,
    each: bool,
}

enum State<K, F: Factory> {
    /// Nothing: the factory makes one.
    Default,
    /// It is stored or built already.
    Key(K),
    /// The factory makes one of which this is said.
    With(Box<F::Builder>),
    /// It is being made; its key follows.
    Later,
}

impl<K, F: Factory> Parent<K, F> {
    /// Takes a key.
    pub fn set_key(&mut self, key: impl IntoField<K>) {
        self.state = State::Key(key.into_field());
    }

    /// Takes the key of a parent that there is already.
    pub fn set_record(&mut self, record: &F::Record)
    where
        F::Record: Keyed,
        <F::Record as Keyed>::Key: IntoField<K>,
    {
        self.set_key(record.key().clone());
    }

    /// Says more about the parent that the factory is to make.
    pub fn set_with(&mut self, with: impl FnOnce(F::Builder) -> F::Builder) {
        let builder = match std::mem::replace(&mut self.state, State::Default) {
            State::With(builder) => *builder,
            _ => F::builder(),
        };
        self.state = State::With(Box::new(with(builder)));
    }

    /// Gives each record of a batch a parent of its own.
    pub fn set_each(&mut self) {
        self.each = true;
    }
}

impl<K: FieldType, F: Factory> Parent<K, F> {
    /// Takes the key of the record that has this one as its child.
    pub fn link(&mut self, link: Link) {
        self.state = match link {
            Link::Later => State::Later,
            Link::Key(key) => match K::from_value(key) {
                Ok(key) => State::Key(key),
                Err(found) => cannot_make(format!(
                    "the key of a parent is {found}, and the child's foreign key holds none"
                )),
            },
        };
    }
}

impl Demand {
    /// Adds what a parent needs that is to be made.
    pub fn parent<K, F: Factory>(&mut self, column: usize, parent: &Parent<K, F>) {
        let count = if parent.each { self.count } else { self.count.min(1) };
        match &parent.state {
            State::Default => self.of(&F::builder(), count),
            State::With(builder) => self.of(&**builder, count),
            State::Key(_) | State::Later => return,
        }
        self.imply(column);
    }
}

impl Draft<'_> {
    /// Returns the foreign key of a parent, which is made unless it is given. The records of a batch
    /// share one, unless each is to have its own.
    pub fn parent<K, F>(&mut self, column: usize, parent: &Parent<K, F>) -> K
    where
        K: FieldType + Clone,
        F: Factory,
        F::Record: Keyed,
        <F::Record as Keyed>::Key: IntoField<K>,
    {
        let default;
        let builder = match &parent.state {
            State::Key(key) => return key.clone(),
            State::With(builder) => &**builder,
            State::Default | State::Later => {
                default = F::builder();
                &default
            }
        };
        if !parent.each
            && let Some(key) = self.shared_parent(column)
        {
            return self.fitting(column, key.clone());
        }
        let made = self.run.make(builder, Way::Parent(column));
        self.run.references(self.record(), TypeId::of::<F::Record>());
        let key: K = made.key().clone().into_field();
        if !parent.each {
            self.share_parent(column, key.to_value());
        }
        key
    }
}

impl<K, F: Factory> Default for Parent<K, F> {
    fn default() -> Self {
        Self { state: State::Default, each: false }
    }
}

impl<K: Clone, F: Factory> Clone for Parent<K, F> {
    fn clone(&self) -> Self {
        let state = match &self.state {
            State::Default => State::Default,
            State::Key(key) => State::Key(key.clone()),
            State::With(builder) => State::With(builder.clone()),
            State::Later => State::Later,
        };
        Self { state, each: self.each }
    }
}

/// Says no more than that it is one: builders hold what tests say.
impl<K, F: Factory> std::fmt::Debug for Parent<K, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parent").finish_non_exhaustive()
    }
}
