//! How the rows of one range get to the server.

use std::thread::available_parallelism;

/// From so many rows on, threads make rows ahead of the stream.
const AHEAD_FROM: u64 = 8_192;

/// From so many rows on, a table that is made here gets its keys behind its rows, and frozen rows.
pub(super) const KEYS_BEHIND_FROM: u64 = 20_000;

/// How many bytes are gathered before they are sent.
const CHUNK: usize = 256 << 10;

/// How the rows of one range get to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copying {
    /// How many threads make rows ahead of the stream. Where there is none, the thread that sends makes them.
    pub generators: usize,
    /// How many bytes are gathered before they are sent, about.
    pub chunk: usize,
    /// Whether the rows are stored as if they had always been there (`FREEZE`), so that no one writes them again to say so.
    /// PostgreSQL allows it only in the very transaction that made the table.
    pub is_frozen: bool,
}

impl Copying {
    /// Returns what is best for so many rows over one stream. The figures are measured (`benches/load`).
    ///
    /// A few rows are made where they are sent: a thread would cost more than it saves. For many, one core is left to the server,
    /// which takes the rows of one stream on one core, and there are as many threads as other cores, up to four: these make
    /// rows faster than the server takes them.
    pub fn of_rows(rows: u64) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let generators = if rows < AHEAD_FROM { 0 } else { (cores - 1).min(4) };
        Self { generators, chunk: CHUNK, is_frozen: false }
    }

    /// Returns the same with frozen rows.
    #[must_use]
    pub fn frozen(self) -> Self {
        Self { is_frozen: true, ..self }
    }

    /// Returns the same for several streams that share this machine's cores.
    #[must_use]
    pub fn beside(self, streams: usize) -> Self {
        Self { generators: self.generators.div_ceil(streams.max(1)), ..self }
    }
}

/// Returns over how many connections a dataset of so many rows is best loaded, with so many cores for the server and this
/// process together.
///
/// One stream keeps one core of the server busy, and about another one of this process. One transaction that makes the table,
/// too, freezes its rows, and on servers with `wal_level = minimal` it writes no log: several streams cannot. On two cores
/// one stream is faster than two or four (`cargo bench -p tdata-bench --bench load -- --only tries`). So there is another
/// stream for each four cores beyond the first four.
pub fn streams(cores: usize, rows: u64) -> usize {
    const MANY: u64 = 1_000_000;
    if rows < MANY { 1 } else { (cores / 4).clamp(1, 8) }
}
