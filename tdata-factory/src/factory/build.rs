//! Building without a database.

use std::any::TypeId;

use super::builder::{Factory, FactoryBuilder};
use super::cannot_make::made;
use super::nesting::Way;
use super::run::Run;
use crate::context::Context;

/// Builds one record in memory.
///
/// # Panics
///
/// When nothing makes one of its values.
#[track_caller]
pub fn build<B: FactoryBuilder>(builder: &B) -> B::Record {
    made(|| Run::in_memory().make(builder, Way::Asked))
}

/// Builds records in memory.
///
/// # Panics
///
/// When nothing makes one of their values.
#[track_caller]
pub fn build_batch<B: FactoryBuilder>(builder: &B, count: usize) -> Vec<B::Record> {
    made(|| Run::in_memory().make_batch(builder, count, Way::Asked))
}

/// Lets a factory count from its first record again, for the current test.
pub fn reset_sequences<F: Factory>() {
    Context::current().reset(TypeId::of::<F::Builder>());
}
