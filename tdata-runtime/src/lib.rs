//! tdata's PostgreSQL side.

pub mod harness;
