//! The masking key, and what it makes of a value.

use std::fmt;

use sha2::{Digest, Sha256};

use super::hmac::{Hash, Hmac};
use crate::value::Text;

/// The secret that masked values depend on: the same value gets the same mask only under the same
/// key.
#[derive(Clone, PartialEq, Eq)]
pub struct MaskKey {
    secret: Vec<u8>,
}

impl MaskKey {
    /// Makes a key from a secret.
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self { secret: secret.into() }
    }

    /// Returns the fixed key for synthetic data, whose originals are no one's.
    pub fn development() -> Self {
        Self::new("tdata development key: for synthetic data only")
    }

    /// Returns what names the key without telling it: the first 16 hexadecimal digits of a hash.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"tdata key id\0");
        hash.update(&self.secret);
        hex(&hash.finalize()[..8])
    }

    /// Returns the key of a technique's masks in a domain.
    ///
    /// Technique, version and domain go into all that is drawn, so that the masks of one value in two
    /// domains cannot be matched with each other.
    pub(crate) fn rule(&self, technique: &str, version: u32, domain: &str) -> RuleKey {
        let keyed = Hmac::new(&self.secret);
        let names = format!("{technique}:{version}:{domain}:");
        let first = keyed.with(&format!("{names}0:"));
        RuleKey { keyed, names, first }
    }
}

/// The masking key of one technique and domain.
///
/// A technique draws its choices from 32-bit words and from nothing else. Words number 8c to 8c + 7 are
/// the eight big-endian words of
///
/// ```text
/// HMAC-SHA256(key, names || value)
/// ```
///
/// where `names` is `technique:version:domain:c:`, filled up with blanks to a multiple of 64 bytes, and
/// `value` is the canonical form of the value in UTF-8. None of the names has a colon, so no two
/// of these texts are the same. `names` fills whole blocks of SHA-256, so a rule hashes them once,
/// and a value of up to 55 bytes takes one block more.
///
/// A choice among `n` is `(word * n) >> 32`, for `n` up to 2^31: the product then fits SQL's `bigint`.
/// What has more values takes several choices.
#[derive(Clone)]
pub(crate) struct RuleKey {
    /// The HMAC of the key, which has absorbed nothing yet.
    keyed: Hmac,
    /// Technique, version and domain, each with a colon behind it.
    names: String,
    /// The HMAC that has absorbed the names with counter 0.
    first: Hmac,
}

impl RuleKey {
    /// Returns the words that a value's mask is drawn from.
    pub(super) fn words<'a>(&'a self, value: &'a str) -> Words<'a> {
        self.begun(value, self.first.hash(value.as_bytes()))
    }

    /// Returns the hash of each of some values, which its words begin with: less work than one by one.
    #[inline]
    pub(super) fn hash_each<const N: usize>(&self, values: [&str; N]) -> [Hash; N] {
        self.first.hash_each(values.map(str::as_bytes))
    }

    /// Returns the words of a value that is hashed already.
    #[inline]
    pub(super) fn begun<'a>(&'a self, value: &'a str, block: Hash) -> Words<'a> {
        Words { key: self, value, block, used: 0, counter: 0 }
    }
}

/// The words that the mask of one value is drawn from, in order.
pub(super) struct Words<'a> {
    key: &'a RuleKey,
    value: &'a str,
    block: Hash,
    /// How many words of the block were taken.
    used: usize,
    counter: u32,
}

/// The words of one HMAC.
pub(super) const WORDS_PER_HMAC: usize = 8;

impl Words<'_> {
    /// Takes the next word.
    #[inline]
    pub(super) fn next(&mut self) -> u32 {
        if self.used == WORDS_PER_HMAC {
            self.go_on();
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    #[cold]
    fn go_on(&mut self) {
        self.counter += 1;
        self.used = 0;
        let before = self.key.keyed.with(&format!("{}{}:", self.key.names, self.counter));
        self.block = before.hash(self.value.as_bytes());
    }

    /// Takes a word, and chooses a number below `bound` by it; 0 where `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        debug_assert!(bound <= 1 << 31, "SQL's bigint would not hold the product");
        ((u64::from(self.next()) * u64::from(bound)) >> 32) as u32
    }

    /// Appends the eight words of an HMAC in 64 hexadecimal digits, small letters.
    pub(super) fn write_hex(&mut self, out: &mut Text<'_>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 8 * WORDS_PER_HMAC];
        for eight in text.chunks_mut(8) {
            let word = self.next();
            for (place, digit) in eight.iter_mut().rev().enumerate() {
                *digit = DIGITS[(word >> (4 * place) & 15) as usize];
            }
        }
        out.push_first(&text, text.len());
    }

    /// Appends digits of base 36, small letters; each six take a word.
    ///
    /// A word is a binary fraction: times 36, what is carried out (`>> 32`) is the next digit, and what
    /// stays (`& 4294967295`) goes on. Times 36^2, two digits are carried out at once.
    pub(super) fn write_base36(&mut self, digits: usize, out: &mut Text<'_>) {
        let mut text = [0; BASE36_DIGITS.next_multiple_of(2)];
        let digits = digits.min(BASE36_DIGITS);
        let words = digits.div_ceil(DIGITS_PER_WORD);
        for six in text.as_chunks_mut::<DIGITS_PER_WORD>().0[..words].iter_mut() {
            let mut fraction = u64::from(self.next());
            for pair in six.as_chunks_mut::<2>().0 {
                let product = fraction * PAIRS.len() as u64;
                *pair = PAIRS[(product >> 32) as usize % PAIRS.len()];
                fraction = product & u64::from(u32::MAX);
            }
        }
        out.push_first(&text, digits);
    }
}

/// All pairs of digits of base 36.
const PAIRS: [[u8; 2]; 36 * 36] = {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut pairs = [[0; 2]; 36 * 36];
    let mut at = 0;
    while at < pairs.len() {
        pairs[at] = [DIGITS[at / 36], DIGITS[at % 36]];
        at += 1;
    }
    pairs
};

/// How many digits of base 36 a word can tell: 36^6 is the last power of 36 below 2^32.
const DIGITS_PER_WORD: usize = 6;

/// How many digits of base 36 one HMAC can tell.
pub(super) const BASE36_DIGITS: usize = DIGITS_PER_WORD * WORDS_PER_HMAC;

/// Shows the key's id: never the secret.
impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskKey({})", self.id())
    }
}

/// Shows nothing: what the HMAC has taken in is as good as the secret.
impl fmt::Debug for RuleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RuleKey")
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};

    use super::*;
    use crate::value::written;

    /// The words of an HMAC that is made of its parts, as the formula says.
    fn words(secret: &[u8], text: &str) -> Vec<u32> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(text.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        digest.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect()
    }

    #[test]
    fn words_are_those_of_the_formula() {
        for length in [0, 1, 63, 64, 65, 200] {
            let secret = vec![7; length];
            let key = MaskKey::new(secret.clone()).rule("t", 2, "person");
            let mut drawn = key.words("value");
            for counter in 0..3 {
                let names = format!("{:64}", format!("t:2:person:{counter}:"));
                let expected = words(&secret, &format!("{names}value"));
                let drawn: Vec<u32> = (0..WORDS_PER_HMAC).map(|_| drawn.next()).collect();
                assert_eq!(drawn, expected, "{length}, {counter}");
            }
        }
    }

    #[test]
    fn long_names_fill_two_blocks() {
        let domain = "d".repeat(63);
        let key = MaskKey::new("k").rule("t", 1, &domain);
        let names = format!("{:128}", format!("t:1:{domain}:0:"));
        assert_eq!(key.words("v").next(), words(b"k", &format!("{names}v"))[0]);
    }

    #[test]
    fn every_part_of_the_key_counts() {
        let first = |key: RuleKey, value: &str| key.words(value).next();
        let key = || MaskKey::development().rule("t", 1, "d");
        let usual = first(key(), "v");
        for other in [
            first(MaskKey::new("other").rule("t", 1, "d"), "v"),
            first(MaskKey::development().rule("u", 1, "d"), "v"),
            first(MaskKey::development().rule("t", 2, "d"), "v"),
            first(MaskKey::development().rule("t", 1, "e"), "v"),
            first(key(), "w"),
        ] {
            assert_ne!(other, usual);
        }
    }

    #[test]
    fn digits_are_those_of_the_words() {
        let key = MaskKey::development().rule("t", 1, "t");
        let text = written(|text| key.words("value").write_base36(14, text));
        let mut words = key.words("value");
        for digits in [&text[..6], &text[6..12]] {
            let number = (u64::from(words.next()) * 36u64.pow(6)) >> 32;
            assert_eq!(u64::from_str_radix(digits, 36).unwrap(), number);
        }
        assert_eq!(u64::from_str_radix(&text[12..], 36).unwrap(), u64::from(words.below(36 * 36)));
    }

    #[test]
    fn choices_spread_evenly() {
        let key = MaskKey::development().rule("t", 1, "t");
        let mut buckets = [0u32; 10];
        for number in 0..10_000 {
            buckets[key.words(&number.to_string()).below(10) as usize] += 1;
        }
        // Five standard deviations of a fair draw: sqrt(10000 * 0.1 * 0.9) = 30.
        assert!(buckets.iter().all(|count| count.abs_diff(1_000) < 150), "{buckets:?}");
    }

    #[test]
    fn bytes_are_written_in_base_16() {
        assert_eq!(hex(&[0, 9, 0xaf, 0xff]), "0009afff");
    }
}
