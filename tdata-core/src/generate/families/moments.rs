//! `datetime_between`, `date_between`, `date_of_birth`: points in time of a range.

use std::sync::Arc;

use super::literal::kind_of;
use crate::definition::{Instant, MICROS_PER_DAY, Moment};
use crate::diagnostic::Origin;
use crate::generate::choice::Distribution;
use crate::generate::{AnyGenerator, Build, Cell, Family, GeneratorEntry};
use crate::value::{Slot, ValueKind};

pub(in crate::generate) const DATETIME_BETWEEN: GeneratorEntry = GeneratorEntry {
    name: "datetime_between",
    version: 2,
    parameters: &["start_date", "end_date", "distribution"],
    summary: "Whole seconds from `start_date` (`-1y`) to `end_date` (`now`); days in a column \
              of type date.",
    build: build_datetime_between,
};

pub(in crate::generate) const DATE_BETWEEN: GeneratorEntry = GeneratorEntry {
    name: "date_between",
    version: 2,
    parameters: &["start_date", "end_date", "distribution"],
    summary: "Days from `start_date` (`-1y`) to `end_date` (`now`); their beginnings in a column \
              of a timestamp type.",
    build: build_date_between,
};

pub(in crate::generate) const DATE_OF_BIRTH: GeneratorEntry = GeneratorEntry {
    name: "date_of_birth",
    version: 1,
    parameters: &["min_age", "max_age"],
    summary: "Birthdays of people from `min_age` (18) to `max_age` (90) years old at the as-of \
              time.",
    build: build_date_of_birth,
};

/// What the numbers of a range count.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Seconds,
    Dates,
    Midnights,
}

#[derive(Debug)]
struct Moments {
    unit: Unit,
    /// The first second or day, since 1970.
    first: i64,
    count: u64,
    distribution: Distribution,
}

/// 0001-01-01, in microseconds before 1970. Earlier years need an era to be written.
const EARLIEST: Instant = Instant::from_micros(-719_162 * MICROS_PER_DAY);

fn build_datetime_between(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let is_date = kind_of(build.sql_type) == ValueKind::Date;
    between(build, if is_date { Unit::Dates } else { Unit::Seconds })
}

fn build_date_between(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let unit = day_unit(build);
    between(build, unit)
}

fn day_unit(build: &Build<'_>) -> Unit {
    let is_timestamp = kind_of(build.sql_type) == ValueKind::Timestamp;
    if is_timestamp { Unit::Midnights } else { Unit::Dates }
}

fn between(build: &mut Build<'_>, unit: Unit) -> Option<AnyGenerator> {
    let a_year = Moment::FromAsOf(jiff::Span::new().years(-1));
    let start = build.moment("start_date", a_year);
    let end = build.moment("end_date", Moment::FromAsOf(jiff::Span::new()));
    let distribution = build.distribution();
    let (start, end) = (start?, end?);
    let origin = place(build);
    if start > end {
        let message = format!("`start_date` lies behind `end_date`: {start} behind {end}");
        let help =
            "unless they are given, `start_date` is `-1y` and `end_date` is `now`, the as-of time";
        build.invalid(origin, message, help);
        return None;
    }
    if start < EARLIEST {
        let message = format!("`start_date` lies before the year 1: {start}");
        build.invalid(origin, message, "begin with 0001-01-01 at the earliest");
        return None;
    }
    let (first, last) = match unit {
        Unit::Seconds => (-(-start.micros()).div_euclid(1_000_000), end.seconds()),
        Unit::Dates => (i64::from(start.days()), i64::from(end.days())),
        Unit::Midnights => (-(-start.micros()).div_euclid(MICROS_PER_DAY), i64::from(end.days())),
    };
    if first > last {
        let what = if unit == Unit::Seconds { "second" } else { "day" };
        let message = format!("no {what} begins between {start} and {end}");
        build.invalid(origin, message, "widen the range");
        return None;
    }
    Some(Moments::generator(unit, first, last, distribution))
}

fn place<'a>(build: &Build<'a>) -> &'a Origin {
    let node = build.node("start_date").or_else(|| build.node("end_date"));
    node.map_or_else(|| build.generator_origin(), |node| &node.origin)
}

/// The oldest age that may be asked for, in years.
const OLDEST: i64 = 150;

fn build_date_of_birth(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let expected = format!("a number of years from 0 to {OLDEST}");
    let mut age = |key: &str, default: i64| {
        let Some(age) = build.parsed::<i64>(key, &expected) else {
            // What was given and is wrong must not be taken for absent.
            return build.node(key).is_none().then_some((default, None));
        };
        if !(0..=OLDEST).contains(&age.value) {
            let message = format!("an age of {} years cannot be", age.value);
            build.invalid(&age.origin, message, format!("give {expected}"));
            return None;
        }
        Some((age.value, Some(age.origin)))
    };
    let (least, most) = (age("min_age", 18), age("max_age", 90));
    let ((least, least_origin), (most, most_origin)) = (least?, most?);
    if least > most {
        let origin = least_origin.or(most_origin);
        let origin = origin.as_ref().unwrap_or_else(|| build.generator_origin());
        let message = format!("`min_age: {least}` is above `max_age: {most}`");
        build.invalid(origin, message, "exchange them");
        return None;
    }
    let as_of = build.as_of;
    let birthday = |age: i64| {
        let years = jiff::Span::new().try_years(-age).unwrap_or_default();
        i64::from(Moment::FromAsOf(years).resolve(as_of).days())
    };
    // Whoever was born a day earlier is a year older than the oldest.
    let (first, last) = (birthday(most + 1) + 1, birthday(least));
    let unit = day_unit(build);
    Some(Moments::generator(unit, first, last, Distribution::Uniform))
}

impl Moments {
    fn generator(unit: Unit, first: i64, last: i64, distribution: Distribution) -> AnyGenerator {
        let count = last.abs_diff(first) + 1;
        Arc::new(Self { unit, first, count, distribution })
    }
}

impl Family for Moments {
    fn kind(&self) -> ValueKind {
        if self.unit == Unit::Dates { ValueKind::Date } else { ValueKind::Timestamp }
    }

    fn capacity(&self) -> u64 {
        self.count
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        let at = self.first.saturating_add_unsigned(number);
        match self.unit {
            Unit::Seconds => out.timestamp(Instant::from_micros(at * 1_000_000)),
            Unit::Dates => out.date(at as i32),
            Unit::Midnights => out.timestamp(Instant::from_micros(at * MICROS_PER_DAY)),
        }
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        let number = self.distribution.below(self.count, &mut cell.rng);
        self.nth(number, out);
    }

    fn max_length(&self, _rows: u64) -> usize {
        match self.unit {
            Unit::Dates => "2024-05-01".len(),
            Unit::Seconds | Unit::Midnights => "2024-05-01 00:00:00+00".len(),
        }
    }
}
