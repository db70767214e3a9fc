//! What a hook may ask for.

use super::builder::FactoryBuilder;
use super::demand::Demand;
use super::nesting::Way;
use super::run::{AfterCreate, Pending, Run, Wanted};

/// So many records of a builder.
#[derive(Debug)]
struct PendingBatch<B> {
    builder: B,
    count: usize,
}

impl AfterCreate {
    /// Has a record made and stored.
    pub fn create<B: FactoryBuilder + Send + std::fmt::Debug>(&mut self, builder: B) {
        self.create_batch(builder, 1);
    }

    /// Has records made and stored.
    pub fn create_batch<B>(&mut self, builder: B, count: usize)
    where
        B: FactoryBuilder + Send + std::fmt::Debug,
    {
        if count > 0 {
            self.wanted.push(Wanted::Create(Box::new(PendingBatch { builder, count })));
        }
    }

    /// Has SQL executed: one statement or more, without parameters.
    pub fn execute(&mut self, sql: impl Into<String>) {
        self.wanted.push(Wanted::Execute(sql.into()));
    }
}

impl<B: FactoryBuilder + Send + std::fmt::Debug> Pending for PendingBatch<B> {
    fn demand(&self, demand: &mut Demand) {
        demand.of(&self.builder, self.count as u64);
    }

    fn make(&self, run: &mut Run) {
        let _stored = run.make_batch(&self.builder, self.count, Way::Asked);
    }
}
