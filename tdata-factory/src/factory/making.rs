//! A batch in the making.

use super::builder::FactoryBuilder;
use super::draft::Batch;
use super::run::Run;

/// A batch in the making: its records come in portions, so that the first can be on their way while
/// others are made.
#[derive(Debug)]
pub(crate) struct Making<'b, B: FactoryBuilder> {
    builder: &'b B,
    batch: Batch,
    count: usize,
    records: Vec<B::Record>,
}

impl<'b, B: FactoryBuilder> Making<'b, B> {
    /// Starts a batch of `count` records.
    pub(crate) fn start(run: &Run, builder: &'b B, count: usize) -> Self {
        let (batch, records) = (run.batch::<B>(count), Vec::with_capacity(count));
        Self { builder, batch, count, records }
    }

    /// Makes the next records, so many at most.
    pub(crate) fn make(&mut self, run: &mut Run, most: usize) {
        let Self { builder, batch, count, records } = self;
        let until = records.len().saturating_add(most).min(*count);
        run.within::<B, _>(|run| {
            for at in records.len()..until {
                records.push(builder.draft(&mut batch.draft(at as u64, run)));
            }
        });
    }

    /// Tells whether all records are made.
    pub(crate) fn is_finished(&self) -> bool {
        self.records.len() == self.count
    }

    /// Returns the records that are made.
    pub(crate) fn into_records(self) -> Vec<B::Record> {
        self.records
    }
}
