//! `date_of_birth`: a day up to a year before.
//!
//! The day, 1 + a choice below 365 days back; a time becomes midnight UTC of that day. What is no day, or one
//! before the year 2, becomes 1900-01-01.
//!
//! Why back, and not another day of the same year: every day then has the same 365 masks, also one
//! early in the year, or this year. Nobody gets younger, so whoever is of age stays so, and nobody is
//! born in the future, without asking what day it is. Days are counted, so 29 February is a day as
//! any other.

use std::sync::Arc;

use crate::definition::{Instant, MICROS_PER_DAY};
use crate::mask::canonical::{text_day, with_day};
use crate::mask::key::RuleKey;
use crate::mask::technique::replace_text;
use crate::mask::{AnyMask, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, Value, ValueKind, ValueRef};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "date_of_birth",
    version: 2,
    keyed: true,
    parameters: &[],
    read: |_| Some(Box::new(DateOfBirth)),
    usual: |_| Box::new(DateOfBirth),
};

/// What stands for everything that is no day: 1900-01-01.
const UNKNOWN: i32 = -25_567;
/// The first day whose masks all have a year that texts can tell: 0002-01-01.
const FIRST: i32 = -718_797;
const MOST_DAYS: u32 = 365;
const TEXT_LENGTH: usize = "1900-01-01".len();

#[derive(Debug)]
struct DateOfBirth;

impl Technique for DateOfBirth {
    fn least(&self) -> usize {
        TEXT_LENGTH
    }

    fn mask(&self, key: RuleKey, _limit: usize) -> AnyMask {
        Arc::new(Birthdays { key })
    }
}

#[derive(Debug)]
struct Birthdays {
    key: RuleKey,
}

impl Birthdays {
    fn masked(&self, day: i32) -> i32 {
        if day < FIRST {
            return UNKNOWN;
        }
        let back = with_day(day, |text| self.key.words(text).below(MOST_DAYS)) as i32 + 1;
        day - back
    }
}

impl Masking for Birthdays {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        match original {
            ValueRef::Date(day) => out.date(self.masked(day)),
            ValueRef::Timestamp(instant) => {
                let day = i64::from(self.masked(instant.days()));
                out.timestamp(Instant::from_micros(day * MICROS_PER_DAY));
            }
            _ => replace_text(original, out, |original, out| {
                let day = text_day(original).map_or(UNKNOWN, |day| self.masked(day));
                Value::Date(day).write_text(out);
            }),
        }
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        matches!(input, ValueKind::Date | ValueKind::Timestamp | ValueKind::Text).then_some(input)
    }

    /// Counts the characters of texts; the lengths of other kinds do not depend on the mask.
    fn max_length(&self, input: usize) -> usize {
        input.max(TEXT_LENGTH)
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(MOST_DAYS.into())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;

    #[test]
    fn the_days_with_names_are_those() {
        let days = |date: Date| text_day(&date.to_string());
        assert_eq!(days(date(1900, 1, 1)), Some(UNKNOWN));
        assert_eq!(days(date(2, 1, 1)), Some(FIRST));
    }
}
