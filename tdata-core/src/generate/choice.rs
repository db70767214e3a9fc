//! Weighted choice and the shapes of distributions, in arithmetic that is the same on every machine.

use super::key::CellRng;

/// A weighted choice among numbered alternatives.
#[derive(Clone, Debug)]
pub(crate) struct Weighted {
    /// The running sum of the weights, as shares of 2^64.
    bounds: Vec<u64>,
}

impl Weighted {
    /// Makes the choice; weights are relative and their sum is not 0.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let bounds = weights
            .iter()
            .map(|weight| {
                sum += weight;
                // The cast saturates, so that the last bound is the whole range.
                (sum / total * 2f64.powi(64)) as u64
            })
            .collect();
        Self { bounds }
    }

    /// Picks an alternative's number.
    pub(crate) fn pick(&self, rng: &mut CellRng) -> usize {
        let bits = rng.bits();
        self.bounds.partition_point(|bound| *bound <= bits).min(self.bounds.len() - 1)
    }
}

/// How draws spread over a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// Every number as likely.
    #[default]
    Uniform,
    /// Around the middle: a bell whose standard deviation is a sixth of the range.
    Normal,
    /// The first numbers most: number k exactly 1/k as often as the first.
    Zipf,
    /// The first numbers most, falling by a constant factor; the mean is an eighth of the range.
    Exponential,
}

impl Distribution {
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("uniform", Self::Uniform),
        ("normal", Self::Normal),
        ("zipf", Self::Zipf),
        ("exponential", Self::Exponential),
    ];

    /// Draws a number below `bound`.
    ///
    /// Logarithm and power come from `libm`, whose results are the same on every platform.
    pub(crate) fn below(self, bound: u64, rng: &mut CellRng) -> u64 {
        let share = match self {
            Self::Uniform => return rng.below(bound),
            Self::Normal => normal(rng),
            Self::Zipf => return zipf(bound, rng),
            // What is beyond the range starts over from its beginning: the distribution has no
            // memory, so that the shape stays the same.
            Self::Exponential => (-libm::log(1.0 - rng.unit()) / 8.0).fract(),
        };
        scaled(share, bound, rng)
    }
}

/// Draws a share of the range from a bell around its middle, which ends at three standard
/// deviations to each side.
fn normal(rng: &mut CellRng) -> f64 {
    /// One draw in 400 is outside and thrown away; how many may be.
    const DRAWS: usize = 8;
    let mut share = 0.5;
    for _ in 0..DRAWS {
        // The sum of twelve uniform numbers (Irwin-Hall): mean 6, standard deviation 1.
        let sum: f64 = (0..12).map(|_| rng.unit()).sum();
        share = (sum - 6.0) / 6.0 + 0.5;
        if (0.0..1.0).contains(&share) {
            return share;
        }
    }
    // The sum is at most six away from its mean, and so the share at most half a range outside.
    if share < 0.0 { -share } else { 2.0 - share }
}

/// Draws a number below `bound`, from 0, each the less often the further behind it stands: the second half as often as
/// the first, the third a third as often.
///
/// This is rejection-inversion (Hörmann and Derflinger, 1996) for the exponent 1. A place is drawn under the curve 1/x,
/// which has an inverse, and rounded to the nearest number. A place above that
/// number's own share is thrown away.
fn zipf(bound: u64, rng: &mut CellRng) -> u64 {
    /// One draw in a hundred is thrown away, if as many; how many may be.
    const DRAWS: usize = 16;
    let most = bound.max(1) as f64;
    let (area, height) = (libm::log, |rank: f64| 1.0 / rank);
    let (first, last) = (area(1.5) - height(1.0), area(most + 0.5));
    // So near to its number, a place needs no look at the curve.
    let near = 2.0 - libm::exp(area(2.5) - height(2.0));
    for _ in 0..DRAWS {
        let place = last + rng.unit() * (first - last);
        let x = libm::exp(place);
        let rank = libm::floor(x + 0.5).clamp(1.0, most);
        if rank - x <= near || place >= area(rank + 0.5) - height(rank) {
            return (rank as u64 - 1).min(bound.saturating_sub(1));
        }
    }
    0
}

/// Returns the number below `bound` that a share of the range stands for.
fn scaled(share: f64, bound: u64, rng: &mut CellRng) -> u64 {
    const BITS: u32 = f64::MANTISSA_DIGITS;
    if bound <= 1 << BITS {
        return ((share * bound as f64) as u64).min(bound.saturating_sub(1));
    }
    // A share has too few bits for such a range: without more, most numbers would never be drawn.
    let high = ((share * (1u64 << BITS) as f64) as u64).min((1 << BITS) - 1);
    let fraction = high << (64 - BITS) | rng.bits() >> BITS;
    ((u128::from(fraction) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::FieldKey;

    fn counts(distribution: Distribution, bound: u64) -> Vec<u32> {
        let key = FieldKey::derive(1, "t", "f", "g", 1);
        let mut counts = vec![0; bound as usize];
        for row in 0..100_000 {
            counts[distribution.below(bound, &mut key.cell(row)) as usize] += 1;
        }
        counts
    }

    #[test]
    fn weights_are_kept() {
        let weighted = Weighted::new(&[20.0, 0.0, 80.0]);
        let key = FieldKey::derive(1, "t", "f", "g", 1);
        let mut counts = [0u32; 3];
        for row in 0..100_000 {
            counts[weighted.pick(&mut key.cell(row))] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!(counts[0].abs_diff(20_000) < 650, "{counts:?}");
    }

    #[test]
    fn normal_peaks_in_the_middle() {
        let counts = counts(Distribution::Normal, 10);
        assert!(counts[4] > 3 * counts[1] && counts[5] > 3 * counts[8], "{counts:?}");
        // Within one standard deviation, a sixth of the range to each side, lie 68 %.
        let inner: u32 = counts_within_sigma();
        assert!(inner.abs_diff(68_270) < 1_000, "{inner}");
    }

    #[test]
    fn nothing_piles_up_at_the_ends() {
        let normal = counts(Distribution::Normal, 600);
        assert!(normal[0] < 30 && normal[599] < 30, "{} {}", normal[0], normal[599]);
        let exponential = counts(Distribution::Exponential, 100);
        assert!(exponential[99] < 20, "{exponential:?}");
    }

    #[test]
    fn wide_ranges_have_random_low_bits() {
        let key = FieldKey::derive(1, "t", "f", "g", 1);
        for distribution in [Distribution::Normal, Distribution::Exponential] {
            let odd =
                (0..1_000).filter(|row| distribution.below(u64::MAX, &mut key.cell(*row)) % 2 == 1);
            assert!(odd.count().abs_diff(500) < 80);
        }
    }

    fn counts_within_sigma() -> u32 {
        counts(Distribution::Normal, 6_000)[2_000..4_000].iter().sum()
    }

    #[test]
    fn under_zipf_number_k_comes_1_k_as_often_as_the_first() {
        for bound in [2, 3, 10, 100] {
            let counts = counts(Distribution::Zipf, bound);
            let harmonic: f64 = (1..=bound).map(|rank| 1.0 / rank as f64).sum();
            for (rank, count) in (1..=bound).zip(&counts) {
                let expected = 100_000.0 / harmonic / rank as f64;
                // Five standard deviations.
                let off = (f64::from(*count) - expected).abs();
                assert!(off < 5.0 * expected.sqrt(), "{rank} of {bound}: {count} for {expected}");
            }
        }
    }

    #[test]
    fn zipf_has_an_answer_for_any_range() {
        let key = FieldKey::derive(1, "t", "f", "g", 1);
        for bound in [0, 1, 1 << 53, u64::MAX] {
            for row in 0..1_000 {
                assert!(Distribution::Zipf.below(bound, &mut key.cell(row)) < bound.max(1));
            }
        }
    }
}
