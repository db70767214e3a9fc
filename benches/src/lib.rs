//! What the benchmarks share: the data that both sides work on, the suites that are run, and the
//! reading of what they took.

pub mod cost;
pub mod fixture;
pub mod machine;
pub mod report;
pub mod shop;
pub mod statistics;
pub mod suite;
