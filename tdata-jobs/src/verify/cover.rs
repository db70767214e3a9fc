//! Whether parts have all rows, and each once.

use std::ops::Range;

/// Which rows no part has, and which several have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cover {
    pub(super) gaps: Vec<Range<u64>>,
    pub(super) overlaps: Vec<Range<u64>>,
    /// Rows that the dataset does not have.
    pub(super) beyond: Vec<Range<u64>>,
}

/// Compares the rows of parts with those that a dataset has.
pub(super) fn cover(mut parts: Vec<Range<u64>>, rows: u64) -> Cover {
    parts.retain(|part| !part.is_empty());
    parts.sort_by_key(|part| (part.start, part.end));
    let mut cover = Cover::default();
    let mut at = 0;
    for part in parts {
        if part.start > at && at < rows {
            join(&mut cover.gaps, at..part.start.min(rows));
        }
        if part.start < at {
            join(&mut cover.overlaps, part.start..part.end.min(at));
        }
        if part.end > rows {
            join(&mut cover.beyond, part.start.max(rows)..part.end);
        }
        at = at.max(part.end);
    }
    if at < rows {
        join(&mut cover.gaps, at..rows);
    }
    cover
}

/// Adds a range, together with the last one where they touch.
fn join(ranges: &mut Vec<Range<u64>>, range: Range<u64>) {
    match ranges.last_mut() {
        Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
        _ => ranges.push(range),
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "ranges are what is compared")]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_overlaps_are_found() {
        let of = |parts: &[Range<u64>]| {
            let cover = cover(parts.to_vec(), 10);
            (cover.gaps, cover.overlaps, cover.beyond)
        };
        assert_eq!(of(&[5..10, 0..5]), (vec![], vec![], vec![]));
        assert_eq!(of(&[]), (vec![0..10], vec![], vec![]));
        assert_eq!(of(&[2..4, 6..8, 8..8]), (vec![0..2, 4..6, 8..10], vec![], vec![]));
        assert_eq!(of(&[0..6, 4..10]), (vec![], vec![4..6], vec![]));
        assert_eq!(of(&[0..10, 2..3, 2..5]), (vec![], vec![2..5], vec![]));
        assert_eq!(of(&[0..12, 15..16]), (vec![], vec![], vec![10..12, 15..16]));
    }
}
