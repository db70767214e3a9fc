//! Division by numbers that stay the same.

/// A number that others are divided by again and again: a multiplication by its reciprocal takes a
/// fraction of the time that processors take to divide 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divisor {
    number: u64,
    /// 2^64 divided by the number, rounded down.
    reciprocal: u64,
}

impl Divisor {
    /// Makes a divisor; 0 counts as 1.
    pub const fn new(number: u64) -> Self {
        let number = if number == 0 { 1 } else { number };
        // By 1 nothing is divided: the reciprocal would have 65 bits.
        let reciprocal = if number == 1 { 0 } else { ((1u128 << 64) / number as u128) as u64 };
        Self { number, reciprocal }
    }

    /// Returns quotient and remainder.
    ///
    /// Rounding makes the estimate of the quotient too small by at most 1: the reciprocal lacks less
    /// than 1, and that times a dividend below 2^64, divided by 2^64, is less than 1 as well.
    #[inline]
    pub const fn divide(self, dividend: u64) -> (u64, u64) {
        if self.number == 1 {
            return (dividend, 0);
        }
        let quotient = ((dividend as u128 * self.reciprocal as u128) >> 64) as u64;
        let remainder = dividend - quotient * self.number;
        if remainder >= self.number {
            (quotient + 1, remainder - self.number)
        } else {
            (quotient, remainder)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_divides(dividend: u64, number in 1u64.., small in 1u64..1_000_000) {
            for number in [number, small, u64::MAX, 1 << 63, 1] {
                let divided = (dividend / number, dividend % number);
                prop_assert_eq!(Divisor::new(number).divide(dividend), divided);
            }
            prop_assert_eq!(Divisor::new(number).divide(u64::MAX), (u64::MAX / number, u64::MAX % number));
        }
    }
}
