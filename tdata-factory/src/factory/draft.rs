//! A record in the making.

use std::any::TypeId;

use tdata_core::value::Value;

use super::blueprint::Blueprint;
use super::cannot_make::cannot_make;
use super::into_field::IntoField;
use super::plan::FactoryPlan;
use super::run::{AfterCreate, Place, Run};
use crate::context::Taken;
use crate::field::{FieldType, Mismatch};
use crate::record::{Column, Descriptor, Record};

/// A record in the making: where a builder takes the values from that a test does not give.
#[derive(Debug)]
pub struct Draft<'a> {
    pub(super) run: &'a mut Run,
    batch: &'a mut Batch,
    /// The record's number.
    number: u64,
    place: Option<Place>,
}

/// What the records of a batch have in common.
#[derive(Debug)]
pub(super) struct Batch {
    record: TypeId,
    descriptor: &'static Descriptor,
    blueprint: &'static Blueprint,
    taken: Taken<FactoryPlan>,
    /// The keys of the parents that they share, by column.
    parents: Vec<(usize, Value)>,
}

impl Batch {
    pub(super) fn of<R: Record>(blueprint: &'static Blueprint, taken: Taken<FactoryPlan>) -> Self {
        let (record, descriptor) = (TypeId::of::<R>(), R::DESCRIPTOR);
        Self { record, descriptor, blueprint, taken, parents: Vec::new() }
    }

    /// Starts a record, counted from 0.
    pub(super) fn draft<'a>(&'a mut self, at: u64, run: &'a mut Run) -> Draft<'a> {
        let number = self.taken.number(at);
        Draft { run, batch: self, number, place: None }
    }
}

impl Draft<'_> {
    /// Returns a field that is given, else a value of its generator.
    #[inline]
    pub fn field<T: FieldType + Clone>(&mut self, column: usize, given: &Option<T>) -> T {
        match given {
            Some(given) => given.clone(),
            None => self.generated(column),
        }
    }

    /// Returns a primary key that is given, else the database's next one where the record is to be
    /// stored and the database counts, else a value of its generator.
    pub fn key<T: FieldType + Clone>(&mut self, column: usize, given: &Option<T>) -> T {
        match given {
            Some(given) => given.clone(),
            None => match self.run.key(self.batch.record) {
                Some(key) => self.fitting(column, Value::Int(key)),
                None => self.generated(column),
            },
        }
    }

    /// Returns a field that is given, else one made of the record's number.
    pub fn sequence<T: Clone, V: IntoField<T>>(
        &self,
        given: &Option<T>,
        make: impl FnOnce(u64) -> V,
    ) -> T {
        given_or(given, || make(self.number))
    }

    /// Returns the type of the record.
    pub(super) fn record(&self) -> TypeId {
        self.batch.record
    }

    /// Returns the key of the parent that the records of the batch share, once it is made.
    pub(super) fn shared_parent(&self, column: usize) -> Option<&Value> {
        let mut parents = self.batch.parents.iter();
        parents.find(|(known, _)| *known == column).map(|(_, key)| key)
    }

    /// Lets the records of the batch share a parent.
    pub(super) fn share_parent(&mut self, column: usize, key: Value) {
        self.batch.parents.push((column, key));
    }

    /// Takes the record's place, behind its parents and before its children.
    pub fn place(&mut self) {
        self.place = self.run.place(self.batch.record, self.batch.descriptor);
    }

    /// Has something done with the record once it is stored.
    pub fn after_create<R: Record + Clone + Send>(
        &mut self,
        record: &R,
        hook: impl FnOnce(&R, &mut AfterCreate) + Send + 'static,
    ) {
        if self.run.is_stored() {
            let record = record.clone();
            self.run.after_create(move |after| hook(&record, after));
        }
    }

    /// Puts the finished record into its place.
    pub fn finish<R: Record>(&mut self, record: R) -> R {
        if let Some(place) = self.place.take() {
            self.run.put(place, &record);
        }
        record
    }

    #[inline]
    fn generated<T: FieldType>(&mut self, column: usize) -> T {
        self.fitting(column, self.batch.taken.plan.value(column, self.number))
    }

    /// Returns a value as the type of a field.
    pub(super) fn fitting<T: FieldType>(&self, column: usize, value: Value) -> T {
        let is_nothing = value == Value::Null && !self.batch.taken.plan.makes(column);
        match T::from_value(value) {
            Ok(value) => value,
            Err(found) => self.misfit(column, found, is_nothing),
        }
    }

    /// Tells that a field cannot have its value, or that there is none.
    #[cold]
    fn misfit(&self, column: usize, found: Mismatch, is_nothing: bool) -> ! {
        let Descriptor { record, columns, .. } = self.batch.descriptor;
        let Column { name, rust_type, .. } = &columns[column];
        if is_nothing {
            let setters = self.batch.blueprint.setters.iter();
            let setter = setters.into_iter().find(|(other, _)| *other == column);
            let setter = setter.map_or(*name, |(_, setter)| setter);
            let call = self.run.nesting.call(format!("{setter}(..)"));
            cannot_make(format!("nothing makes `{name}` of `{record}`: give it, as `{call}`"));
        }
        cannot_make(format!(
            "the field `{name}` of `{record}` is `{rust_type}`, and was to become {found}"
        ));
    }
}

/// Returns a field that is given, else what `make` makes.
pub fn given_or<T: Clone, V: IntoField<T>>(given: &Option<T>, make: impl FnOnce() -> V) -> T {
    match given {
        Some(given) => given.clone(),
        None => make().into_field(),
    }
}
