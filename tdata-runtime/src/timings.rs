//! What each stage took.

use std::time::{Duration, Instant};

/// What each stage took, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    stages: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// Iterates over the stages and their times.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        self.stages.iter().copied()
    }

    /// Returns the sum of all stages' times.
    pub fn total(&self) -> Duration {
        self.stages.iter().map(|(_, time)| *time).sum()
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.stages.extend_from_slice(&other.stages);
    }
}

/// Measures stages one after another.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    since: Instant,
    timings: Timings,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { since: Instant::now(), timings: Timings::default() }
    }

    /// Ends a stage and starts the next.
    pub(crate) fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.timings.stages.push((stage, now - self.since));
        self.since = now;
    }

    pub(crate) fn timings(self) -> Timings {
        self.timings
    }
}
