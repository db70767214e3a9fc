//! What is asked for.

use std::num::NonZeroU64;
use std::num::NonZeroUsize;
use std::ops::Range;

use crate::file::{Compression, Out};
use crate::format::Layout;

/// What is to be generated, and where it goes.
#[derive(Clone, Debug)]
pub struct Generate {
    /// The datasets, in the order in which they are made.
    pub datasets: Vec<Asked>,
    /// How files are written.
    pub layout: Layout,
    /// How they are made smaller.
    pub compression: Option<Compression>,
    /// Where they go.
    pub out: Out,
    /// How many rows a part has, in a folder.
    pub part_rows: NonZeroU64,
    /// How many threads make rows.
    pub threads: NonZeroUsize,
}

/// A dataset that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub dataset: String,
    /// Which of its rows.
    pub rows: Range<u64>,
}
