//! Randomness that any row can be read from directly.
//!
//! A field has a key of 128 bits, the SHA-256 of all that identifies it. A cell's random numbers
//! start from a state mixed from that key and the row's index; no cell depends on another.

use sha2::{Digest, Sha256};

/// What a field's random choices start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldKey {
    low: u64,
    high: u64,
}

impl FieldKey {
    /// Derives the key of a field. Parts cannot run into each other: each is hashed with its length.
    pub fn derive(seed: u64, dataset: &str, field: &str, generator: &str, version: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        for part in [dataset, field, generator] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(version.to_le_bytes());
        Self::from_digest(&hash.finalize())
    }

    /// Derives a key for one part of a field, so that its choices do not follow the field's.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.low.to_le_bytes());
        hash.update(self.high.to_le_bytes());
        hash.update(name);
        Self::from_digest(&hash.finalize())
    }

    fn from_digest(digest: &[u8]) -> Self {
        let word = |at: usize| {
            digest[at..at + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        Self { low: word(0), high: word(8) }
    }

    /// Returns the random numbers of a row's cell.
    pub fn cell(&self, row: u64) -> CellRng {
        let state = mix(row.wrapping_mul(GOLDEN) ^ self.low).wrapping_add(self.high);
        CellRng { state: mix(state) }
    }

    /// Returns round key number `round`, for permutations.
    pub(super) fn round(&self, round: u64) -> u64 {
        mix(self.high ^ mix(self.low.wrapping_add(round.wrapping_mul(GOLDEN))))
    }
}

/// 2^64 divided by the golden ratio: the odd step that spreads a counter best.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection of 64 bits in which each bit of the input moves half of the output's: the finalizer
/// of SplitMix64 (Steele, Lea and Flood 2014, with Stafford's constants, variant 13).
pub(super) const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The random numbers of one cell.
#[derive(Clone, Debug)]
pub struct CellRng {
    state: u64,
}

impl CellRng {
    /// Starts from 64 bits that are random already, such as those of a keyed hash.
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self { state: bits }
    }

    /// Returns 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Returns a random number below `bound`, or 0 for a bound of 0.
    ///
    /// The bias is below `bound` / 2^64 (Lemire's multiplication without rejection): rejecting
    /// would cost a branch and change nothing anyone can see.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// Returns a random number from 0 (included) to 1 (excluded), with 53 random bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Returns true with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_key_counts() {
        let base = FieldKey::derive(1, "users", "email", "email", 1);
        for other in [
            FieldKey::derive(2, "users", "email", "email", 1),
            FieldKey::derive(1, "user", "semail", "email", 1),
            FieldKey::derive(1, "users", "mail", "email", 1),
            FieldKey::derive(1, "users", "email", "phone", 1),
            FieldKey::derive(1, "users", "email", "email", 2),
            base.part("null"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn numbers_spread_evenly() {
        let key = FieldKey::derive(7, "t", "f", "g", 1);
        let mut buckets = [0u32; 10];
        for row in 0..100_000 {
            buckets[key.cell(row).below(10) as usize] += 1;
        }
        // Five standard deviations of a fair draw: sqrt(100000 * 0.1 * 0.9) = 95.
        assert!(buckets.iter().all(|count| count.abs_diff(10_000) < 475), "{buckets:?}");
    }

    #[test]
    fn neighbouring_rows_share_no_pattern() {
        let key = FieldKey::derive(7, "t", "f", "g", 1);
        let differing: u32 = (0..10_000)
            .map(|row| (key.cell(row).bits() ^ key.cell(row + 1).bits()).count_ones())
            .sum();
        let mean = f64::from(differing) / 10_000.0;
        assert!((mean - 32.0).abs() < 0.3, "{mean}");
    }
}
