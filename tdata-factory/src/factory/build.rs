//! Building without a database.

use std::any::TypeId;

use super::builder::{Factory, FactoryBuilder};
use super::run::Run;
use crate::context::Context;

/// Builds one record in memory.
pub fn build<B: FactoryBuilder>(builder: &B) -> B::Record {
    let mut run = Run::in_memory();
    run.make(builder)
}

/// Builds records in memory.
pub fn build_batch<B: FactoryBuilder>(builder: &B, count: usize) -> Vec<B::Record> {
    Run::in_memory().make_batch(builder, count)
}

/// Lets a factory count from its first record again, for the current test.
pub fn reset_sequences<F: Factory>() {
    Context::current().reset(TypeId::of::<F::Builder>());
}
