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

/// What stands behind the last byte.
const END: u8 = 0x80;

/// The last block of an outer hash, but for the inner one in its beginning.
const OUTER: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    block[HASH] = END;
    let [.., high, low] = (8 * (BLOCK + HASH) as u64).to_be_bytes();
    block[BLOCK - 2] = high;
    block[BLOCK - 1] = low;
    block
};

/// A hash of SHA-256, as eight words.
pub(super) type Hash = [u32; 8];

/// What SHA-256 starts from (FIPS 180-4, section 5.3.3).
const START: Hash = [
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
    inner: Hash,
    outer: Hash,
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
    pub(super) fn hash(&self, value: &[u8]) -> Hash {
        let [hash] = self.hash_each([value]);
        hash
    }

    /// Returns the hash of all that was taken in, with each of some values behind it.
    ///
    /// Hashing a block takes as long as its steps wait for each other. Blocks of different values wait for nothing of each
    /// other, so that the processor works on two of them at once.
    #[inline]
    pub(super) fn hash_each<const N: usize>(&self, values: [&[u8]; N]) -> [Hash; N] {
        let mut inner = [self.inner; N];
        let mut blocks = [[0; BLOCK]; N];
        for ((state, block), value) in inner.iter_mut().zip(&mut blocks).zip(values) {
            self.take_but_the_last(state, block, value);
        }
        compress_each(&mut inner, &blocks);
        let mut outer = [self.outer; N];
        for (block, state) in blocks.iter_mut().zip(inner) {
            *block = OUTER;
            for (bytes, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(state) {
                *bytes = word.to_be_bytes();
            }
        }
        compress_each(&mut outer, &blocks);
        outer
    }

    /// Takes all of a value in but its last block, which holds the length of the whole at its end.
    #[inline]
    fn take_but_the_last(&self, state: &mut Hash, last: &mut [u8; BLOCK], value: &[u8]) {
        let (whole, rest) = value.as_chunks::<BLOCK>();
        if !whole.is_empty() {
            compress256(state, whole);
        }
        last[..rest.len()].copy_from_slice(rest);
        last[rest.len()] = END;
        if rest.len() >= BLOCK - LENGTH {
            compress256(state, &[*last]);
            *last = [0; BLOCK];
        }
        let length = self.taken + value.len() as u64;
        last[BLOCK - LENGTH..].copy_from_slice(&(8 * length).to_be_bytes());
    }
}

#[inline]
fn compress_each<const N: usize>(states: &mut [Hash; N], blocks: &[[u8; BLOCK]; N]) {
    for (state, block) in states.iter_mut().zip(blocks) {
        compress256(state, std::slice::from_ref(block));
    }
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
