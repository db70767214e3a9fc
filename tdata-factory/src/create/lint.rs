//! Proving that every trait of every factory makes records that a database takes.

use super::calls::create;
use crate::factory::{Factory, build};
use crate::record::Record;
use crate::store::{Store, StoreError};

/// One way to start a record: a trait of a factory, or none.
pub struct Lint {
    /// How it is written: `UserFactory::verified()`.
    pub name: String,
    /// The dataset of the record, if it is of one.
    pub dataset: Option<&'static str>,
    /// Whether the record can be stored.
    pub has_table: bool,
    build: Box<dyn Fn()>,
    create: Create,
}

type Create = Box<dyn Fn(&mut dyn Store) -> Result<(), StoreError>>;

/// Returns all ways that a factory can start a record.
pub fn lints<F: Factory>() -> Vec<Lint> {
    let plain = std::iter::once(("new", F::builder as fn() -> F::Builder));
    let descriptor = F::Record::DESCRIPTOR;
    plain
        .chain(F::TRAITS.iter().copied())
        .map(|(start, builder)| Lint {
            name: format!("{}::{start}()", F::NAME),
            dataset: descriptor.dataset(),
            has_table: descriptor.table().is_some(),
            build: Box::new(move || {
                let _built = build(&builder());
            }),
            create: Box::new(move |store| create(&builder(), store).map(|_created| ())),
        })
        .collect()
}

impl Lint {
    /// Builds the record.
    ///
    /// # Panics
    ///
    /// When it cannot be built.
    pub fn build(&self) {
        (self.build)();
    }

    /// Stores the record, all that it belongs to and all that belongs to it.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn create(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        (self.create)(store)
    }
}

impl std::fmt::Debug for Lint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Lint").field(&self.name).finish()
    }
}
