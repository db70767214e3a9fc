//! Cleaning up: what a process made is gone when it ends, and what a killed one left when the next
//! begins.

mod exit;
mod leftovers;

pub(crate) use leftovers::sweep;
