//! The families of generators, one file each.

use super::registry::GeneratorEntry;

mod sequence;

/// All generators, by name.
pub(super) const ENTRIES: &[GeneratorEntry] = &[sequence::ENTRY];
