//! Making the records of a builder, one or a batch.

use std::any::TypeId;

use super::builder::FactoryBuilder;
use super::demand::Demand;
use super::draft::Batch;
use super::nesting::Way;
use super::plan::FactoryPlan;
use super::run::Run;
use crate::record::Record as _;

/// A batch in the making: its records come in portions, so that the first can be on their way while
/// others are made.
#[derive(Debug)]
pub(crate) struct Making<'b, B: FactoryBuilder> {
    builder: &'b B,
    way: Way,
    batch: Batch,
    count: usize,
    records: Vec<B::Record>,
}

impl<'b, B: FactoryBuilder> Making<'b, B> {
    /// Starts a batch of `count` records.
    pub(crate) fn start(run: &Run, builder: &'b B, count: usize, way: Way) -> Self {
        let (batch, records) = (run.batch::<B>(count), Vec::with_capacity(count));
        Self { builder, way, batch, count, records }
    }

    /// Makes the next records, so many at most.
    pub(crate) fn make(&mut self, run: &mut Run, most: usize) {
        let Self { builder, way, batch, count, records } = self;
        let until = records.len().saturating_add(most).min(*count);
        run.within::<B, _>(*way, |run| {
            for at in records.len()..until {
                records.push(builder.draft(&mut batch.draft(at as u64, run)));
            }
        });
    }

    /// Tells whether all records are made.
    pub(crate) fn is_finished(&self) -> bool {
        self.records.len() == self.count
    }

    /// Returns the records that are made so far.
    pub(crate) fn records(&self) -> &[B::Record] {
        &self.records
    }

    /// Returns the records that are made.
    pub(crate) fn into_records(self) -> Vec<B::Record> {
        self.records
    }
}

impl Demand {
    /// Counts what `count` records of a builder need.
    pub(crate) fn of<B: FactoryBuilder>(&mut self, builder: &B, count: u64) {
        self.add_rows::<B::Record>(count);
        let outer = std::mem::replace(&mut self.count, count);
        self.nesting.enter(TypeId::of::<B>(), B::BLUEPRINT, Way::Asked);
        builder.demand(self);
        self.nesting.leave();
        self.count = outer;
    }
}

impl Run {
    /// Makes one record.
    pub(crate) fn make<B: FactoryBuilder>(&mut self, builder: &B, way: Way) -> B::Record {
        let mut batch = self.batch::<B>(1);
        self.within::<B, _>(way, |run| builder.draft(&mut batch.draft(0, run)))
    }

    /// Makes records.
    pub(crate) fn make_batch<B: FactoryBuilder>(
        &mut self,
        builder: &B,
        count: usize,
        way: Way,
    ) -> Vec<B::Record> {
        let mut records = Making::start(self, builder, count, way);
        records.make(self, count);
        records.into_records()
    }

    /// Takes the numbers of so many records.
    fn batch<B: FactoryBuilder>(&self, count: usize) -> Batch {
        let context = &self.context;
        let builder = TypeId::of::<B>();
        let descriptor = B::Record::DESCRIPTOR;
        let plan = || FactoryPlan::of(builder, B::BLUEPRINT, descriptor, context);
        Batch::of::<B::Record>(B::BLUEPRINT, context.take(builder, count as u64, plan))
    }

    /// Makes records of a builder, which may be a parent's or a child's of others.
    fn within<B: FactoryBuilder, T>(&mut self, way: Way, make: impl FnOnce(&mut Self) -> T) -> T {
        self.nesting.enter(TypeId::of::<B>(), B::BLUEPRINT, way);
        let made = make(self);
        self.nesting.leave();
        made
    }
}
