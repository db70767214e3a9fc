//! The masking techniques, one file each.

use super::registry::MaskEntry;

mod redact;

/// All masking techniques, by name.
pub(super) const ENTRIES: &[MaskEntry] = &[redact::ENTRY];
