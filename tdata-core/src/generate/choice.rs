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
    /// The first numbers most: number k about 1/k as often as the first.
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
            // The sum of twelve uniform numbers (Irwin-Hall): mean 6, standard deviation 1.
            Self::Normal => {
                let sum: f64 = (0..12).map(|_| rng.unit()).sum();
                ((sum - 6.0) / 6.0 + 0.5).clamp(0.0, 1.0)
            }
            // The inverse of the logarithmic distribution function.
            Self::Zipf => {
                let most = bound as f64;
                let rank = libm::exp(rng.unit() * libm::log(most + 1.0)) - 1.0;
                return (rank as u64).min(bound.saturating_sub(1));
            }
            Self::Exponential => (-libm::log(1.0 - rng.unit()) / 8.0).min(1.0),
        };
        ((share * bound as f64) as u64).min(bound.saturating_sub(1))
    }
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

    fn counts_within_sigma() -> u32 {
        counts(Distribution::Normal, 6_000)[2_000..4_000].iter().sum()
    }

    #[test]
    fn zipf_falls_with_the_rank() {
        let counts = counts(Distribution::Zipf, 100);
        let ratio = f64::from(counts[0]) / f64::from(counts[9]);
        assert!((6.0..11.0).contains(&ratio), "{ratio}");
        assert!(counts.iter().all(|count| *count > 0));
    }
}
