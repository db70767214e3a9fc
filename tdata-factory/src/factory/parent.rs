//! The record that another belongs to.

use tdata_core::generate::Value;

use super::builder::Factory;
use super::into_field::IntoField;
use crate::record::Keyed;

/// What is said about the record that another one belongs to, by its foreign key of type `K`.
pub struct Parent<K, F: Factory> {
    state: State<K, F>,
    each: bool,
}

pub(super) enum State<K, F: Factory> {
    /// Nothing: the factory makes one.
    Default,
    /// It is stored or built already.
    Key(K),
    /// The factory makes one of which this is said.
    With(Box<F::Builder>),
    /// It is being made; its key follows.
    Later,
}

/// What a parent tells its children of itself.
#[derive(Clone, Debug)]
pub enum Link {
    /// Its key follows.
    Later,
    /// Its key.
    Key(Value),
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

    pub(super) fn state(&self) -> &State<K, F> {
        &self.state
    }

    pub(super) fn is_each(&self) -> bool {
        self.each
    }
}

impl<K: crate::field::FieldType, F: Factory> Parent<K, F> {
    /// Takes the key of the record that has this one as its child.
    pub fn link(&mut self, link: Link) {
        self.state = match link {
            Link::Later => State::Later,
            Link::Key(key) => match K::from_value(key) {
                Ok(key) => State::Key(key),
                Err(found) => {
                    panic!("the key of a parent is {found}, and the child's foreign key holds none")
                }
            },
        };
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
