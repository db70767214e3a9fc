//! Keys of several columns, keys that share columns, and groups that are unique together: solved while planning.
//!
//! Everything here is numbers: datasets, keys and columns are known by their place. Each file uses only those before
//! it: `places`, `digits`, `shape`, `paths`, `numbering`, `room`, `arrangement`, `choosing`, `arrange`.

mod arrange;
mod arrangement;
mod choosing;
mod digits;
mod numbering;
mod paths;
mod places;
mod room;
mod shape;

pub(super) use arrange::arrange;
pub(super) use arrangement::{Arrangement, Origin};
pub(super) use choosing::{Chooser, Numberer};
pub(super) use shape::{ColumnShape, KeyShape, Refusal, Shape, UniqueShape, Unlisted};
