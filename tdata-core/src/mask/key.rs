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

    /// Returns the HMAC-SHA256 of a value under this key, for one technique.
    ///
    /// The technique's name goes in as well, so that two techniques' masks of one value cannot be
    /// matched with each other.
    pub fn digest(&self, technique: &str, value: &str) -> [u8; 32] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return [0; 32] };
        mac.update(&(technique.len() as u64).to_le_bytes());
        mac.update(technique.as_bytes());
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Returns random numbers that depend on a value and this key.
    pub fn stream(&self, technique: &str, value: &str) -> MaskStream {
        let digest = self.digest(technique, value);
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
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
