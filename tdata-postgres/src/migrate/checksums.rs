//! The checksums that tools keep of their migrations.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha384};

/// Returns the SHA-384 of some bytes in hexadecimal digits.
pub(super) fn sha384(bytes: &[u8]) -> String {
    hex(&Sha384::digest(bytes))
}

/// A SHA-256 of several parts, each told from the next.
#[derive(Default)]
pub(super) struct Sha256(sha2::Sha256);

impl Sha256 {
    pub(super) fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    pub(super) fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // A text takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns bytes in base 64.
pub(super) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number =
            (0..3).fold(0, |number, at| number << 8 | usize::from(*three.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let sign = SIGNS[number >> (18 - 6 * at) & 63];
            text.push(if at > three.len() { '=' } else { char::from(sign) });
        }
    }
    text
}

/// Returns the CRC-32 of some bytes, as in zip files.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// Returns the SipHash-1-3 of some bytes under the keys 0 and 0.
pub(super) fn sip_hash_1_3(bytes: &[u8]) -> u64 {
    let mut state: [u64; 4] = [
        0x736f_6d65_7073_6575,
        0x646f_7261_6e64_6f6d,
        0x6c79_6765_6e65_7261,
        0x7465_6462_7974_6573,
    ];
    let words = bytes.chunks_exact(8);
    let mut last = [0; 8];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    last[7] = bytes.len() as u8;
    for word in words.chain([last.as_slice()]) {
        let word = word.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        state[3] ^= word;
        sip_round(&mut state);
        state[0] ^= word;
    }
    state[2] ^= 0xff;
    for _ in 0..3 {
        sip_round(&mut state);
    }
    state.iter().fold(0, |hash, part| hash ^ part)
}

fn sip_round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *c = c.wrapping_add(*d);
    *b = b.rotate_left(13) ^ *a;
    *d = d.rotate_left(16) ^ *c;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*b);
    *a = a.wrapping_add(*d);
    *b = b.rotate_left(17) ^ *c;
    *d = d.rotate_left(21) ^ *a;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_others() {
        let empty = "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b";
        assert_eq!(sha384(b""), empty);
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        // The reference's own test values have other keys; these are of `std::hash::DefaultHasher`.
        for bytes in [&b""[..], b"a", b"12345678", b"a text of more than eight bytes"] {
            use std::hash::Hasher as _;
            let mut theirs = std::hash::DefaultHasher::new();
            theirs.write(bytes);
            assert_eq!(sip_hash_1_3(bytes), theirs.finish());
        }
    }
}
