//! Cleaning up: off the tests' way while they run, and completely when the process ends.

mod exit;
mod reaper;

pub(crate) use reaper::{Remains, hand_over};
