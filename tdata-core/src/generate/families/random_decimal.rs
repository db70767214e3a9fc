//! `random_decimal`: decimal numbers of a range.

use std::sync::Arc;

use super::literal::{Decimal, MOST_SCALE};
use crate::diagnostic::Located;
use crate::generate::choice::Distribution;
use crate::generate::{AnyGenerator, Build, Cell, Family, GeneratorEntry};
use crate::sql::SqlType;
use crate::value::{Slot, Value, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "random_decimal",
    version: 2,
    parameters: &["min", "max", "distribution"],
    summary: "Decimal numbers from `min` to `max` (0 to 1000), with as many digits behind the \
              point as the column has, or 2.",
    build,
};

/// Multiples of 10^-`scale`, in such units.
#[derive(Debug)]
struct RandomDecimal {
    least: i64,
    most: i64,
    scale: u8,
    distribution: Distribution,
}

const DEFAULT_LEAST: Decimal = Decimal::new(0, 0);
const DEFAULT_MOST: Decimal = Decimal::new(1_000, 0);
const DEFAULT_SCALE: u32 = 2;

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let bounds = ["min", "max"].map(|key| {
        build.given::<Decimal>(key, "a decimal number such as `10.50`, of at most 18 digits")
    });
    let distribution = build.distribution();
    let [Ok(least), Ok(most)] = bounds else { return None };
    let fit = [&least, &most].map(|bound| bound.as_ref().is_none_or(|one| fits(build, one)));
    if fit.contains(&false) {
        return None;
    }
    let wanted = scale_of(build.sql_type);
    let lower = least.as_ref().map_or(DEFAULT_LEAST, |bound| bound.value);
    let upper = most.as_ref().map_or_else(|| default_most(build.sql_type), |bound| bound.value);
    // A column may have more digits behind the point than 64 bits can hold.
    let units = (0..=wanted).rev().find_map(|scale| {
        let (least, most) = (lower.ceil(scale)?, upper.floor(scale)?);
        Some((least, most, u8::try_from(scale).ok()?))
    });
    let origin = least.as_ref().or(most.as_ref());
    let origin = origin.map_or_else(|| build.generator_origin(), |bound| &bound.origin);
    let Some((least, most, scale)) = units else {
        let help = "give bounds below 9.2 * 10^18";
        build.invalid(origin, "the bounds have more digits than 64 bits can hold", help);
        return None;
    };
    if least > most {
        let message =
            format!("no number with {scale} digits behind the point lies between the bounds");
        build.invalid(origin, message, "give `min` and `max`, the smaller one first");
        return None;
    }
    Some(Arc::new(RandomDecimal { least, most, scale, distribution }))
}

fn scale_of(sql_type: &SqlType) -> u32 {
    match (sql_type.decimal_digits(), sql_type.scalar()) {
        (Some((_, behind)), _) => behind.min(MOST_SCALE),
        (None, Some(scalar)) if scalar.is_integer() => 0,
        _ => DEFAULT_SCALE,
    }
}

/// The usual upper bound, or the largest number that the column holds if that is smaller.
fn default_most(sql_type: &SqlType) -> Decimal {
    match sql_type.decimal_digits() {
        Some((before, behind)) if !DEFAULT_MOST.fits_integer_digits(before) => {
            // Fewer than four digits stand before the point, however many stand behind it.
            let scale = behind.min(MOST_SCALE);
            let digits = before.saturating_add_unsigned(scale).max(0).unsigned_abs();
            Decimal::new(10i128.pow(digits) - 1, scale)
        }
        _ => DEFAULT_MOST,
    }
}

/// Tells when the column cannot hold a bound.
fn fits(build: &mut Build<'_>, bound: &Located<Decimal>) -> bool {
    let Some((before, _)) = build.sql_type.decimal_digits() else { return true };
    let fits = bound.value.fits_integer_digits(before);
    if !fits {
        let message = format!("`{}` cannot hold this bound", build.sql_type);
        let help = format!("at most {} digits stand before the point", before.max(0));
        build.invalid(&bound.origin, message, help);
    }
    fits
}

impl RandomDecimal {
    fn value(&self, unscaled: i64) -> Value {
        Value::Decimal { unscaled, scale: self.scale }
    }
}

impl Family for RandomDecimal {
    fn kind(&self) -> ValueKind {
        ValueKind::Decimal
    }

    fn capacity(&self) -> u64 {
        self.most.abs_diff(self.least).saturating_add(1)
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        out.decimal(self.least.saturating_add_unsigned(number), self.scale);
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        let number = self.distribution.below(self.capacity(), &mut cell.rng);
        self.nth(number, out);
    }

    fn max_length(&self, _rows: u64) -> usize {
        let [least, most] = [self.least, self.most].map(|bound| self.value(bound).to_string());
        least.len().max(most.len())
    }

    fn integer_range(&self, _rows: u64) -> Option<(i64, i64)> {
        (self.scale == 0).then_some((self.least, self.most))
    }
}
