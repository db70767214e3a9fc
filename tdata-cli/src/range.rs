//! Ranges of rows, as the command line says them.

use std::ops::Range;
use std::str::FromStr;

/// Rows of a dataset, counted from 0: `0..1000`, `500..` up to the volume, `..500`, or `500` for the first so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowRange {
    start: u64,
    /// The row behind the last one; `None` where the volume says it.
    pub(crate) end: Option<u64>,
}

impl RowRange {
    /// All rows.
    pub(crate) const ALL: Self = Self { start: 0, end: None };

    /// Returns the rows, of a dataset with so many.
    pub(crate) fn of(self, volume: u64) -> Range<u64> {
        self.start..self.end.unwrap_or(volume.max(self.start))
    }
}

impl FromStr for RowRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let digits = text.replace('_', "");
            digits
                .parse::<u64>()
                .map_err(|_| "rows are written as 0..1000, 500.. or 500".to_owned())
        };
        let Some((start, end)) = text.split_once("..") else {
            return Ok(Self { start: 0, end: Some(number(text)?) });
        };
        let start = if start.is_empty() { 0 } else { number(start)? };
        let end = if end.is_empty() { None } else { Some(number(end)?) };
        if end.is_some_and(|end| end < start) {
            return Err("the rows end before they begin".to_owned());
        }
        Ok(Self { start, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (text, rows) in [
            ("0..1000", 0..1000),
            ("500..", 500..2000),
            ("..500", 0..500),
            ("500", 0..500),
            ("1_000..1_500", 1000..1500),
            ("3000..", 3000..3000),
        ] {
            assert_eq!(text.parse::<RowRange>().unwrap().of(2000), rows, "{text}");
        }
        for text in ["", "a", "5..1", "1..=5", "-1..5"] {
            assert!(text.parse::<RowRange>().is_err(), "{text}");
        }
    }
}
