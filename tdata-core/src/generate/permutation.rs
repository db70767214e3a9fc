//! A keyed shuffle of the numbers below a bound, computed number by number.

use super::divisor::Divisor;
use super::key::{FieldKey, mix};

/// A bijection of the numbers below a bound onto themselves, picked by a key.
///
/// A generalized Feistel network (Black and Rogaway 2002): a number is split into two digits of radices
/// near the bound's square root, and each digit is moved by a keyed hash of the other, in turns. The
/// few results that are not below the bound are shuffled again ("cycle walking").
#[derive(Clone, Debug)]
pub(crate) struct Permutation {
    bound: u64,
    /// The radix of the left digit. Both radices multiplied reach the bound.
    left: u64,
    right: u64,
    by_right: Divisor,
    rounds: [u64; ROUNDS],
}

const ROUNDS: usize = 4;

impl Permutation {
    /// Makes the permutation of the numbers below `bound` that `key` picks.
    pub(crate) fn new(key: &FieldKey, bound: u64) -> Self {
        let root = bound.isqrt().max(1);
        let left = if root * root < bound { root + 1 } else { root };
        let right = bound.div_ceil(left).max(1);
        let key = key.part("permutation");
        let rounds = std::array::from_fn(|round| key.round(round as u64));
        Self { bound, left, right, by_right: Divisor::new(right), rounds }
    }

    /// Returns how many numbers are shuffled.
    pub(crate) fn bound(&self) -> u64 {
        self.bound
    }

    /// Returns where `index` goes. Different numbers below the bound go to different numbers below
    /// it.
    ///
    /// # Panics
    ///
    /// In debug builds, when `index` is not below the bound: planning proves that it is.
    pub(crate) fn apply(&self, index: u64) -> u64 {
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
        let (mut left, mut right) = self.by_right.divide(number);
        for [one, other] in [[self.rounds[0], self.rounds[1]], [self.rounds[2], self.rounds[3]]] {
            left = moved(left, right ^ one, self.left);
            right = moved(right, left ^ other, self.right);
        }
        left * self.right + right
    }
}

/// Moves a digit below `radix` on by a hash, around to 0 behind the last.
fn moved(digit: u64, hashed: u64, radix: u64) -> u64 {
    let step = ((u128::from(mix(hashed)) * u128::from(radix)) >> 64) as u64;
    // Both are below a radix, and so their sum fits.
    let sum = digit + step;
    if sum >= radix { sum - radix } else { sum }
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
