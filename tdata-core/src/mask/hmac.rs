//! HMAC-SHA256 (RFC 2104) of many short texts under one key, with a beginning in common.
//!
//! What a rule's hashes have in common is whole blocks of SHA-256: the key's two pads, and the names that come before a
//! value. They are hashed once. What is left is two blocks a value, for values of up to 55 bytes.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

/// The bytes of a block of SHA-256.
pub(super) const BLOCK: usize = 64;

/// The bytes of a hash.
const HASH: usize = 32;

/// The bytes that the length takes at the end of the last block.
const LENGTH: usize = 8;

/// What SHA-256 starts from (FIPS 180-4, section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// An HMAC that has taken in whole blocks.
#[derive(Clone)]
pub(super) struct Hmac {
    inner: [u32; 8],
    outer: [u32; 8],
    /// How many bytes the inner hash has taken in.
    taken: u64,
}

impl Hmac {
    /// Begins with a key of any length.
    pub(super) fn new(secret: &[u8]) -> Self {
        let mut key = [0; BLOCK];
        let hash = Sha256::digest(secret);
        let short = if secret.len() > BLOCK { &hash[..] } else { secret };
        key[..short.len()].copy_from_slice(short);
        let padded = |pad: u8| {
            let mut state = START;
            compress256(&mut state, &[key.map(|byte| byte ^ pad)]);
            state
        };
        Self { inner: padded(0x36), outer: padded(0x5c), taken: BLOCK as u64 }
    }

    /// Takes a text in that is filled up with blanks to whole blocks.
    pub(super) fn with(&self, text: &str) -> Self {
        let mut taken = self.clone();
        for bytes in text.as_bytes().chunks(BLOCK) {
            let mut block = [b' '; BLOCK];
            block[..bytes.len()].copy_from_slice(bytes);
            compress256(&mut taken.inner, &[block]);
            taken.taken += BLOCK as u64;
        }
        taken
    }

    /// Returns the hash of all that was taken in, with a value behind it, as eight words.
    #[inline]
    pub(super) fn hash(&self, value: &[u8]) -> [u32; 8] {
        let mut inner = self.inner;
        let (whole, rest) = value.as_chunks::<BLOCK>();
        if !whole.is_empty() {
            compress256(&mut inner, whole);
        }
        finish(&mut inner, rest, self.taken + value.len() as u64);
        let mut hash = [0; HASH];
        for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(inner) {
            *bytes = word.to_be_bytes();
        }
        let mut outer = self.outer;
        finish(&mut outer, &hash, (BLOCK + HASH) as u64);
        outer
    }
}

/// Takes in the last bytes, fewer than a block, and the length of the whole.
#[inline]
fn finish(state: &mut [u32; 8], rest: &[u8], length: u64) {
    let mut blocks = [[0; BLOCK]; 2];
    blocks[0][..rest.len()].copy_from_slice(rest);
    blocks[0][rest.len()] = 0x80;
    let count = if rest.len() < BLOCK - LENGTH { 1 } else { 2 };
    blocks[count - 1][BLOCK - LENGTH..].copy_from_slice(&(8 * length).to_be_bytes());
    compress256(state, &blocks[..count]);
}

#[cfg(test)]
mod tests {
    use hmac::{KeyInit, Mac};

    use super::*;

    #[test]
    fn it_is_the_hmac_of_the_standard() {
        for key in [0, 1, 63, 64, 65, 200] {
            let key = vec![0xa5; key];
            let keyed = Hmac::new(&key);
            for names in ["", "t:1:d:0:", &"n".repeat(64), &"n".repeat(65)] {
                let taken = keyed.with(names);
                let filled = names.len().next_multiple_of(BLOCK);
                for length in 0..200 {
                    let value: Vec<u8> = (0..length).collect();
                    let mut mac = hmac::Hmac::<Sha256>::new_from_slice(&key).unwrap();
                    mac.update(format!("{names:filled$}").as_bytes());
                    mac.update(&value);
                    let expected = mac.finalize().into_bytes();
                    let hash: Vec<u8> =
                        taken.hash(&value).iter().flat_map(|word| word.to_be_bytes()).collect();
                    assert_eq!(hash, expected[..], "{names} {length}");
                }
            }
        }
    }
}
