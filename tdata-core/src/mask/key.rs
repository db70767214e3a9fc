//! The masking key, and what it makes of a value.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::generate::CellRng;

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

    /// Returns the key for one technique.
    ///
    /// The technique's name goes into it, so that two techniques' masks of one value cannot be
    /// matched with each other.
    pub fn technique(&self, name: &str) -> TechniqueKey {
        // A key of the block's length always works; HMAC (RFC 2104) makes it of others like this.
        let mut block = [0; BLOCK];
        let hash = Sha256::digest(&self.secret);
        let short = if self.secret.len() > BLOCK { &hash[..] } else { &self.secret[..] };
        block[..short.len()].copy_from_slice(short);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        TechniqueKey { mac }
    }
}

/// The bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The masking key of one technique, which has gone into the HMAC already: that is half of the work
/// of masking a short value.
#[derive(Clone)]
pub struct TechniqueKey {
    mac: Hmac<Sha256>,
}

impl TechniqueKey {
    /// Returns the HMAC-SHA256 of a value under this key.
    pub fn digest(&self, value: &str) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Returns random numbers that depend on a value and this key.
    pub fn stream(&self, value: &str) -> MaskStream {
        let digest = self.digest(value);
        let bits = digest[..8].iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        CellRng::from_bits(bits)
    }
}

/// Random numbers that depend on a masked value and the masking key.
pub type MaskStream = CellRng;

/// Shows the key's id: never the secret.
impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskKey({})", self.id())
    }
}

/// Shows nothing: what the HMAC has taken in is as good as the secret.
impl fmt::Debug for TechniqueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TechniqueKey")
    }
}

/// How many digits of base 36 a digest can tell: 36^49 is the last power of 36 below 2^256.
pub(super) const BASE36_DIGITS: usize = 49;

/// Appends a digest's first `digits` digits in base 36, lower case, [`BASE36_DIGITS`] at most.
pub(super) fn write_base36(digest: &[u8; 32], digits: usize, out: &mut String) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut words = [0u64; 4];
    for (index, byte) in digest.iter().enumerate() {
        words[index / 8] = words[index / 8] << 8 | u64::from(*byte);
    }
    for _ in 0..digits.min(BASE36_DIGITS) {
        // The digest is a binary fraction: multiplied by 36, it carries its next digit out.
        let carried = words.iter_mut().rev().fold(0, |carry, word| {
            let product = u128::from(*word) * 36 + carry;
            *word = product as u64;
            product >> 64
        });
        out.push(char::from(DIGITS[carried as usize]));
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
    use super::*;

    #[test]
    fn secrets_of_any_length_make_the_hmac_of_the_standard() {
        for length in [0, 1, 63, 64, 65, 200] {
            let secret = vec![7; length];
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            mac.update(b"\x01\0\0\0\0\0\0\0tvalue");
            let expected: [u8; 32] = mac.finalize().into_bytes().into();
            assert_eq!(MaskKey::new(secret).technique("t").digest("value"), expected, "{length}");
        }
    }

    #[test]
    fn bytes_are_written_in_base_16() {
        assert_eq!(hex(&[0, 9, 0xaf, 0xff]), "0009afff");
    }
}
