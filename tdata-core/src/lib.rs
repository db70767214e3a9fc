//! The pure core of tdata.

pub mod contract;
pub mod definition;
pub mod diagnostic;
pub mod generate;
pub mod mask;
