//! The pieces in which the rows of a file are made.

use std::ops::Range;

/// The rows that are made in one piece; compressed, they are one frame. Pieces begin at multiples of it, so that they are
/// the same however files are cut.
const PIECE: u64 = 16_384;

/// Returns how many pieces the rows of a file are made in: one at the least, which begins and ends the file.
pub(super) fn count(rows: &Range<u64>) -> u64 {
    rows.end.div_ceil(PIECE).saturating_sub(rows.start / PIECE).max(1)
}

/// Returns the rows of a piece.
pub(super) fn piece(rows: &Range<u64>, number: u64) -> Range<u64> {
    let first = (rows.start / PIECE + number) * PIECE;
    first.max(rows.start)..(first + PIECE).min(rows.end).max(rows.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_rows_and_begin_at_multiples() {
        for rows in [0..0, 5..5, 0..1, 0..PIECE, 0..PIECE + 1, 7..3 * PIECE, PIECE..2 * PIECE] {
            let mut at = rows.start;
            for number in 0..count(&rows) {
                let piece = piece(&rows, number);
                assert_eq!(piece.start, at, "{rows:?}");
                assert!(number == 0 || piece.start.is_multiple_of(PIECE));
                at = piece.end;
            }
            assert_eq!(at, rows.end);
        }
    }
}
