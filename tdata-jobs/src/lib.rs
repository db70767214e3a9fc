//! tdata for whole databases and files: long work with progress, that can be stopped, and whose results are verified.
//!
//! Each module uses only those before it:
//!
//! 1. [`Watch`]: who is told how a job goes on.
//! 2. `checksum`: what rows add up to, whatever their order.
//! 3. `format`: rows as bytes.
//! 4. `file`: where bytes go, and under which names.
//! 5. `generate`: rows of definitions, in files.

mod checksum;
mod error;
mod file;
mod format;
mod generate;
mod watch;

pub use error::JobError;
pub use file::{Compression, Out};
pub use format::{Format, Layout};
pub use generate::{Asked, Generate, Generated, generate, widen};
pub use watch::Watch;
