//! Texts so short that they are copied without a call.

use super::utf8::utf8;

/// How many bytes are copied at once.
const SIZE: usize = 16;

/// A text of at most 15 bytes, the first in the lowest byte of a number. The highest byte holds how many it has, and those
/// between are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short(u128);

/// Where the highest byte begins.
const LENGTH: u32 = 8 * (SIZE as u32 - 1);

impl Short {
    /// The most bytes.
    pub(crate) const MOST: usize = SIZE - 1;

    /// Takes a text; `None` where it is longer.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut bytes = [0; SIZE];
        bytes[..Self::MOST].get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        bytes[SIZE - 1] = text.len() as u8;
        Some(Self(u128::from_le_bytes(bytes)))
    }

    /// Takes a number in at least `width` digits; `None` where it has more than 8.
    #[inline]
    pub(crate) fn number(number: u64, width: usize) -> Option<Self> {
        const DIGITS: usize = 8;
        if number >= 100_000_000 || width > DIGITS {
            return None;
        }
        let digits = eight_digits(number);
        // The first digit is in the lowest byte, so that zeros before the number are zero bits there. A number has one digit.
        let zeros = (digits.trailing_zeros() as usize / 8).min(DIGITS - width.max(1));
        let shown = (digits | 0x3030_3030_3030_3030) >> (8 * zeros);
        Some(Self(u128::from(shown) | ((DIGITS - zeros) as u128) << LENGTH))
    }

    /// Joins two texts; `None` where they are longer together.
    pub(crate) fn followed_by(self, other: Self) -> Option<Self> {
        let [own, behind] = [self, other].map(|text| text.0 << 8 >> 8);
        let length = self.len() + other.len();
        let text = own | behind << (8 * self.len());
        (length <= Self::MOST).then_some(Self(text | (length as u128) << LENGTH))
    }

    /// Returns how many bytes it has.
    #[inline]
    pub(crate) fn len(self) -> usize {
        (self.0 >> LENGTH) as usize % SIZE
    }

    /// Returns the bytes, and others behind them that mean nothing.
    #[inline]
    pub(super) fn with_padding(self) -> [u8; SIZE] {
        self.0.to_le_bytes()
    }
}

/// Returns the eight decimal digits of a number below 10^8, each in a byte, the first in the lowest.
///
/// Halves are divided side by side: two of four digits, four of two, eight of one. A division is a multiplication with a
/// reciprocal, which is exact for numbers so small.
#[inline]
fn eight_digits(number: u64) -> u64 {
    let (high, low) = (number / 10_000, number % 10_000);
    let fours = high | low << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (twos - 10 * tens) << 8
}

/// A text that is written again and again.
#[derive(Clone, Debug)]
pub(crate) enum Snippet {
    /// One that is copied without a call.
    Short(Short),
    /// A longer one.
    Long(Box<str>),
}

impl Snippet {
    /// Takes a text.
    pub(crate) fn of(text: &str) -> Self {
        Short::of(text).map_or_else(|| Self::Long(text.into()), Self::Short)
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Short(short) => utf8(&short.with_padding()[..short.len()]).to_owned(),
            Self::Long(text) => text.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(short: Short) -> String {
        String::from_utf8(short.with_padding()[..short.len()].to_vec()).unwrap()
    }

    #[test]
    fn texts_are_joined() {
        let short = |text: &str| Short::of(text).unwrap();
        for (one, other) in [("", ""), ("a", ""), ("", "b"), ("fifteen", " letters")] {
            assert_eq!(short(one).followed_by(short(other)), Short::of(&format!("{one}{other}")));
        }
        assert_eq!(short("fifteen ").followed_by(short(" letters")), None);
    }

    #[test]
    fn texts_and_numbers_are_what_they_were() {
        for word in ["", "a", "O'Connell", "fifteen letters"] {
            assert_eq!(Short::of(word).map(text).as_deref(), Some(word));
            assert_eq!(Snippet::of(word).text(), word);
        }
        assert_eq!(Snippet::of("sixteen letters!").text(), "sixteen letters!");
        assert_eq!(Short::of("sixteen letters!"), None);
        for number in (0..20_000).chain([99_999, 123_456, 99_999_999]) {
            for width in 0..=8 {
                let expected = format!("{number:0width$}");
                assert_eq!(Short::number(number, width).map(text), Some(expected));
            }
        }
        assert_eq!((Short::number(100_000_000, 0), Short::number(1, 9)), (None, None));
    }
}
