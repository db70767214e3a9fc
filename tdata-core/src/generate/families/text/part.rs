//! The parts of a text: fixed ones, and ones with numbered values.

use super::words::Words;
use crate::value::{Snippet, Text, Value};

/// A part of a text. All but the fixed ones have numbered values.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Always the same.
    Literal(Snippet),
    /// One of a list of words.
    Words(Words),
    /// One of `count` numbers from `first` on, in at least `width` digits.
    Number {
        /// The smallest number.
        first: u64,
        /// How many numbers there are.
        count: u64,
        /// The fewest digits; 0 sets none.
        width: usize,
    },
    /// That many capital letters, at most [`Part::MOST_LETTERS`].
    Letters(u32),
    /// That many hexadecimal digits, at most [`Part::MOST_HEX`].
    Hex(u32),
    /// A random UUID.
    Uuid,
    /// The row's index, from 0, in at least that many digits.
    Index(usize),
    /// The check digit that makes the digits before it valid under Luhn's formula.
    CheckDigit,
}

/// The random bits of half a version-4 UUID.
const HALF_UUID: u64 = 1 << 61;

impl Part {
    /// The most letters whose values 64 bits can number.
    pub(crate) const MOST_LETTERS: u32 = 13;
    /// The most hexadecimal digits whose values 64 bits can number.
    pub(crate) const MOST_HEX: u32 = 15;
    /// The most decimal digits whose values 64 bits can number.
    pub(crate) const MOST_DIGITS: u32 = 18;

    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self::Literal(Snippet::of(&text.into()))
    }

    /// That many random decimal digits, at most [`Part::MOST_DIGITS`].
    pub(crate) fn digits(count: u32) -> Self {
        Self::Number { first: 0, count: 10u64.pow(count), width: count as usize }
    }

    /// The numbers of a range, without padding.
    pub(crate) fn number(first: u64, last: u64) -> Self {
        Self::Number { first, count: last - first + 1, width: 0 }
    }

    /// Returns how many values the part has, those that follow from the row aside.
    pub(super) fn capacity(&self) -> u128 {
        match self {
            Self::Literal(_) | Self::Index(_) | Self::CheckDigit => 1,
            Self::Words(words) => words.len() as u128,
            Self::Number { count, .. } => u128::from(*count),
            Self::Letters(count) => 26u128.pow(*count),
            Self::Hex(count) => 1 << (4 * count),
            Self::Uuid => u128::from(HALF_UUID) * u128::from(HALF_UUID),
        }
    }

    /// Appends one of the values; `choose` picks a number below the one it is given.
    pub(super) fn write(&self, row: u64, mut choose: impl FnMut(u64) -> u64, out: &mut Text<'_>) {
        match self {
            Self::Literal(text) => out.push_snippet(text),
            Self::Words(words) => words.write(choose(words.len()), out),
            Self::Number { first, count, width } => {
                out.push_number(first + choose(*count), *width);
            }
            Self::Letters(count) => {
                let mut number = choose(26u64.pow(*count));
                for _ in 0..*count {
                    out.push(char::from(b'A' + (number % 26) as u8));
                    number /= 26;
                }
            }
            Self::Hex(count) => {
                let mut number = choose(1 << (4 * count));
                for _ in 0..*count {
                    out.push(char::from(b"0123456789abcdef"[(number % 16) as usize]));
                    number /= 16;
                }
            }
            Self::Uuid => {
                let low = choose(HALF_UUID);
                let bits = u128::from(choose(HALF_UUID)) << 61 | u128::from(low);
                Value::Uuid(version_4(bits)).write_text(out);
            }
            Self::Index(width) => out.push_number(row, *width),
            Self::CheckDigit => out.push(char::from(b'0' + luhn_digit(out.as_bytes()))),
        }
    }

    /// Returns the most characters the part has in rows below `rows`.
    pub(super) fn max_length(&self, rows: u64) -> usize {
        match self {
            Self::Words(words) => words.longest(),
            Self::Number { first, count, width } => {
                digit_count(first + count.saturating_sub(1)).max(*width)
            }
            Self::Index(width) => digit_count(rows.saturating_sub(1)).max(*width),
            _ => self.min_length(),
        }
    }

    /// Returns the fewest characters the part has.
    pub(super) fn min_length(&self) -> usize {
        match self {
            Self::Literal(text) => text.text().chars().count(),
            Self::Words(words) => words.lengths().first().copied().unwrap_or(0),
            Self::Number { first, width, .. } => digit_count(*first).max(*width),
            Self::Letters(count) | Self::Hex(count) => *count as usize,
            Self::Uuid => 36,
            Self::Index(width) => (*width).max(1),
            Self::CheckDigit => 1,
        }
    }
}

/// Places 122 bits around the version and the variant of a random UUID (RFC 9562, section 5.4).
pub(crate) fn version_4(bits: u128) -> u128 {
    let (high, middle, low) = (bits >> 74, bits >> 62 & 0xfff, bits & ((1 << 62) - 1));
    (high & 0xffff_ffff_ffff) << 80 | 0x4 << 76 | middle << 64 | 0b10 << 62 | low
}

/// Returns the digit that makes a number valid when it is appended (ISO/IEC 7812-1, annex B): from
/// the right, every other digit is doubled, and the digits of all must sum to a multiple of 10.
fn luhn_digit(number: &[u8]) -> u8 {
    let digits = number.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|digit| digit - b'0');
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| {
            let doubled = if place % 2 == 0 { 2 * digit } else { digit };
            u32::from(doubled / 10 + doubled % 10)
        })
        .sum();
    ((10 - sum % 10) % 10) as u8
}

fn digit_count(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_known_test_cards() {
        for card in ["4242424242424242", "4111111111111111", "5555555555554444", "79927398713"] {
            let (number, check) = card.split_at(card.len() - 1);
            assert_eq!(luhn_digit(number.as_bytes()).to_string(), check);
        }
    }

    #[test]
    fn a_uuid_keeps_all_its_bits() {
        let ones = version_4((1 << 122) - 1);
        assert_eq!(format!("{ones:032x}"), "ffffffffffff4fffbfffffffffffffff");
        assert_eq!(ones.count_ones(), 122 + 2);
        assert_eq!(format!("{:032x}", version_4(0)), "00000000000040008000000000000000");
    }
}
