//! What rows add up to, whatever their order.

use std::fmt;
use std::ops::AddAssign;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use twox_hash::XxHash3_128;

/// What rows add up to, whatever their order: the sum, modulo 2^128, of a hash of each row.
///
/// A row's hash is XXH3 (128 bits, seed 0) of its bytes in COPY's text format, without the end of its line. So it is the
/// same for every format, and parts are verified by adding theirs up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum(u128);

impl Checksum {
    /// Adds rows in COPY's text format. No value holds an end of line there: it is escaped.
    pub(crate) fn add_copy_text(&mut self, rows: &[u8]) {
        // The last row has an end as well, behind which nothing follows.
        let Some(rows) = rows.strip_suffix(b"\n") else { return };
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', rows).chain([rows.len()]) {
            self.0 = self.0.wrapping_add(XxHash3_128::oneshot(&rows[start..end]));
            start = end + 1;
        }
    }
}

impl AddAssign for Checksum {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

/// Writes 32 hexadecimal digits.
impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Checksum {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

impl Serialize for Checksum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checksum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("a checksum is 32 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> Checksum {
        let mut sum = Checksum::default();
        parts.iter().for_each(|part| sum.add_copy_text(part.as_bytes()));
        sum
    }

    #[test]
    fn the_order_of_rows_does_not_count_and_their_number_does() {
        assert_eq!(of(&["1\ta\n2\tb\n"]), of(&["2\tb\n", "1\ta\n"]));
        assert_ne!(of(&["1\ta\n2\tb\n"]), of(&["1\ta\n"]));
        // With a sum, two of a row are not none of it.
        assert_ne!(of(&["1\n1\n"]), of(&[]));
        assert_eq!(of(&[]).to_string(), "0".repeat(32));
        assert_ne!(of(&["\n"]), of(&[]), "a row of one empty text is a row");
    }

    #[test]
    fn a_row_counts_as_its_published_hash_says() {
        // XXH3_128bits of "a", of the reference implementation.
        assert_eq!(of(&["a\n"]).to_string(), "a96faf705af16834e6c632b61e964e1f");
        assert_eq!(of(&["a\n"]).to_string().parse(), Ok(of(&["a\n"])));
    }
}
