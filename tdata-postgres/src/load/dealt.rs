//! Deals the rows of a plan to several databases: each is made once, and goes to the stream of its shard.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use tdata_core::placement::{Placed, Placement};
use tdata_core::plan::{DatasetPlan, Plan};
use tdata_core::value::Block;

use super::ahead::{self, Buffer};
use super::copied::CopiedRows;
use super::copying::Copying;
use super::error::LoadError;
use super::progress::{Observer, Progress};

/// How many portions wait for each shard's stream.
const WAITING: usize = 4;

/// Rows of one shard, as `COPY` takes them.
#[derive(Debug, Default)]
pub(super) struct Portion {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: u64,
}

/// What comes next of a dataset.
#[derive(Debug)]
pub(super) enum Dealt {
    Rows(Portion),
    /// There are no more rows.
    End,
}

/// The rows that are dealt to one shard, dataset by dataset.
#[derive(Debug)]
pub struct Feed {
    dealt: Receiver<Dealt>,
    /// Buffers go back, and are used again.
    used: Sender<Vec<u8>>,
}

impl Feed {
    /// Waits for what comes next.
    pub(super) fn next(&self, dataset: &str) -> Result<Dealt, LoadError> {
        // Whoever deals has told why it ended.
        self.dealt.recv().map_err(|_| LoadError::Stopped { dataset: dataset.to_owned() })
    }

    pub(super) fn give_back(&self, portion: Portion) {
        // Whoever deals may have ended.
        let _ = self.used.send(portion.bytes);
    }
}

/// Who deals the rows.
#[derive(Debug)]
pub struct Dealer<'a> {
    plan: &'a Plan,
    placement: &'a Placement,
    lanes: Vec<Lane>,
}

/// The way to one shard.
#[derive(Debug)]
struct Lane {
    dealt: SyncSender<Dealt>,
    spare: Receiver<Vec<u8>>,
}

/// Makes ready to deal the rows of a plan. Each shard gets its feed, and somebody [loads](super::load_dealt) from each at the same time.
pub fn deal<'a>(plan: &'a Plan, placement: &'a Placement) -> (Dealer<'a>, Vec<Feed>) {
    let way = |_| {
        let ((dealt, to_feed), (used, spare)) = (sync_channel(WAITING), channel());
        (Lane { dealt, spare }, Feed { dealt: to_feed, used })
    };
    let (lanes, feeds) = (0..placement.shards()).map(way).unzip();
    (Dealer { plan, placement, lanes }, feeds)
}

impl Dealer<'_> {
    /// Makes all rows, dataset by dataset, and deals them. A shard that is behind lets all others wait: memory is bounded, however many
    /// rows there are.
    ///
    /// # Errors
    ///
    /// If the observer stopped it, or nobody takes the rows of a shard any more: why is told where that was loaded.
    pub fn run(self, observer: &mut Observer<'_>) -> Result<(), LoadError> {
        for (place, dataset) in self.plan.datasets.iter().enumerate() {
            if !dataset.is_there() {
                self.dataset(place, dataset, observer)?;
            }
        }
        Ok(())
    }

    fn dataset(
        &self,
        place: usize,
        dataset: &DatasetPlan,
        observer: &mut Observer<'_>,
    ) -> Result<(), LoadError> {
        let rows = dataset.existing.rows..dataset.source.rows();
        let how = Copying::of_rows(rows.end.saturating_sub(rows.start));
        let copied = CopiedRows::new(dataset, rows, how.chunk)?;
        let stopped = || LoadError::Stopped { dataset: dataset.name.clone() };
        let (shards, placement) = (self.lanes.len(), self.placement);
        let maker = || {
            let mut hand = Hand::default();
            let copied = &copied;
            move |chunk, portions: &mut Portions| {
                portions.0.resize_with(shards, Portion::default);
                hand.fill(copied, chunk, (placement, place, dataset), &mut portions.0)
            }
        };
        let send = |chunk, portions: &mut Portions| {
            for (lane, portion) in self.lanes.iter().zip(&mut portions.0) {
                if portion.rows == 0 {
                    continue;
                }
                let mut full =
                    Portion { bytes: lane.spare.try_recv().unwrap_or_default(), rows: 0 };
                std::mem::swap(portion, &mut full);
                lane.dealt.send(Dealt::Rows(full)).map_err(|_| stopped())?;
            }
            let progress =
                Progress::Rows { dataset: &dataset.name, sent: copied.rows_up_to(chunk) };
            match observer(progress) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(stopped()),
            }
        };
        ahead::in_order(copied.chunks(), how.generators, maker, send)?;
        self.lanes.iter().try_for_each(|lane| lane.dealt.send(Dealt::End).map_err(|_| stopped()))
    }
}

/// A chunk, dealt: the rows of each shard.
#[derive(Default)]
struct Portions(Vec<Portion>);

impl Buffer for Portions {
    fn clear(&mut self) {
        for portion in &mut self.0 {
            portion.bytes.clear();
            portion.rows = 0;
        }
    }
}

/// Memory to deal with, used again and again.
#[derive(Default)]
struct Hand {
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    shards: Vec<u32>,
}

impl Hand {
    /// Makes a chunk, and deals its rows. Each is made once, and copied to its shard, or to all.
    fn fill(
        &mut self,
        copied: &CopiedRows<'_>,
        chunk: u64,
        (placement, place, dataset): (&Placement, usize, &DatasetPlan),
        portions: &mut [Portion],
    ) -> Result<(), LoadError> {
        let columns = copied.is_binary().then_some(dataset.fields.len());
        for block in copied.blocks_of(chunk) {
            let Self { blocks, bytes, shards } = self;
            bytes.clear();
            copied.append(block.clone(), blocks, bytes)?;
            if *placement.of(place) == Placed::OnEvery {
                for portion in &mut *portions {
                    portion.bytes.extend_from_slice(bytes);
                    portion.rows += block.end - block.start;
                }
                continue;
            }
            shards.clear();
            let placed = placement.shards_of(place, block, blocks, shards);
            placed.map_err(|unhashed| LoadError::Kind {
                dataset: unhashed.dataset,
                field: unhashed.column,
            })?;
            let mut rest = &bytes[..];
            for shard in shards {
                let (row, others) = rest.split_at(length_of_row(rest, columns));
                if let Some(portion) = portions.get_mut(*shard as usize) {
                    portion.bytes.extend_from_slice(row);
                    portion.rows += 1;
                }
                rest = others;
            }
        }
        Ok(())
    }
}

/// Returns how many bytes the first of some rows has: in the binary format, where it has so many columns, else as text.
fn length_of_row(rows: &[u8], columns: Option<usize>) -> usize {
    let Some(columns) = columns else {
        // Within a row, the end of a line is written otherwise.
        return rows.iter().position(|byte| *byte == b'\n').map_or(rows.len(), |at| at + 1);
    };
    // The number of columns comes first, and the length of each value before the value.
    let mut at = 2;
    for _ in 0..columns {
        let length = rows.get(at..).and_then(|rest| rest.first_chunk());
        let length = length.map_or(0, |length| i32::from_be_bytes(*length));
        // A null has no bytes, and a length below 0.
        at += 4 + usize::try_from(length).unwrap_or(0);
    }
    at.min(rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_where_they_end() {
        let text = b"1\ta\\n\tb\n2\t\\N\n";
        assert_eq!(length_of_row(text, None), 8);
        assert_eq!(length_of_row(&text[8..], None), 5);
        let mut binary = vec![0, 2, 0, 0, 0, 3, b'a', b'\n', b'b', 255, 255, 255, 255];
        binary.extend_from_slice(&[0, 2, 0, 0, 0, 0]);
        assert_eq!(length_of_row(&binary, Some(2)), 13);
    }
}
