//! A keyed shuffle of the numbers below a bound, computed number by number.

use super::key::{FieldKey, mix};

/// A bijection of the numbers below a bound onto themselves, picked by a key.
///
/// A balanced Feistel network over the next even number of bits, walked until the result falls
/// below the bound (Black and Rogaway 2002, "cycle walking"): at most four steps on average.
#[derive(Clone, Debug)]
pub struct Permutation {
    bound: u64,
    half_bits: u32,
    rounds: [u64; ROUNDS],
}

const ROUNDS: usize = 4;

impl Permutation {
    /// Makes the permutation of the numbers below `bound` that `key` picks.
    pub fn new(key: &FieldKey, bound: u64) -> Self {
        let bits = u64::BITS - bound.saturating_sub(1).leading_zeros();
        let half_bits = bits.div_ceil(2).max(1);
        let key = key.part("permutation");
        Self { bound, half_bits, rounds: std::array::from_fn(|round| key.round(round as u64)) }
    }

    /// Returns how many numbers are shuffled.
    pub fn bound(&self) -> u64 {
        self.bound
    }

    /// Returns where `index` goes. Different numbers below the bound go to different numbers below
    /// it.
    ///
    /// # Panics
    ///
    /// In debug builds, when `index` is not below the bound: planning proves that it is.
    pub fn apply(&self, index: u64) -> u64 {
        debug_assert!(index < self.bound, "planning proves the capacity");
        let mut number = index;
        loop {
            number = self.shuffle(number);
            if number < self.bound {
                return number;
            }
        }
    }

    fn shuffle(&self, number: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for round in self.rounds {
            (left, right) = (right, left ^ (mix(right ^ round) & mask));
        }
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_bijection(seed: u64, bound in 1u64..5_000) {
            let key = FieldKey::derive(seed, "t", "f", "g", 1);
            let permutation = Permutation::new(&key, bound);
            let images: HashSet<u64> = (0..bound).map(|index| permutation.apply(index)).collect();
            prop_assert_eq!(images.len() as u64, bound);
            prop_assert!(images.iter().all(|image| *image < bound));
        }

        #[test]
        fn it_stays_below_any_bound(seed: u64, bound in 1u64.., at: u64) {
            let key = FieldKey::derive(seed, "t", "f", "g", 1);
            prop_assert!(Permutation::new(&key, bound).apply(at % bound) < bound);
        }
    }

    #[test]
    fn keys_pick_different_shuffles() {
        let image = |seed| {
            let key = FieldKey::derive(seed, "t", "f", "g", 1);
            let permutation = Permutation::new(&key, 1000);
            (0..1000).map(|index| permutation.apply(index)).collect::<Vec<_>>()
        };
        assert_ne!(image(1), image(2));
        assert_ne!(image(1), (0..1000).collect::<Vec<_>>());
    }
}
