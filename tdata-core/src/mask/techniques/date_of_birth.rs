//! `date_of_birth`: another day of the same year.

use std::fmt::Write;
use std::sync::Arc;

use jiff::Span;
use jiff::civil::{Date, date};

use crate::definition::{Instant, MICROS_PER_DAY};
use crate::generate::{Value, ValueKind};
use crate::mask::technique::replace_text;
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &[],
    summary: "Another day of the same year, so that ages stay about right; times become midnight \
              UTC.",
    build,
};

const NAME: &str = "date_of_birth";
const EPOCH: Date = date(1970, 1, 1);
/// What stands for everything that is no date.
const UNKNOWN: Date = date(1900, 1, 1);
const TEXT_LENGTH: usize = "1900-01-01".len();

#[derive(Debug)]
struct DateOfBirth {
    key: TechniqueKey,
    /// The last day a mask may be.
    today: Date,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    if build.length_limit().is_some_and(|limit| limit < TEXT_LENGTH) {
        build.too_narrow(NAME, TEXT_LENGTH);
        return None;
    }
    let today = from_days(build.as_of.days()).unwrap_or(UNKNOWN);
    Some(Arc::new(DateOfBirth { key: build.key.technique(NAME), today }))
}

fn from_days(days: i32) -> Option<Date> {
    EPOCH.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn to_days(date: Date) -> i32 {
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

impl DateOfBirth {
    fn masked(&self, original: Option<Date>, text: &str) -> Date {
        // Before the year 1, PostgreSQL writes dates otherwise.
        let Some(original) = original.filter(|date| date.year() >= 1) else { return UNKNOWN };
        let mut year = original.year().min(self.today.year());
        if year == self.today.year() && self.today.day_of_year() == 1 {
            // The year has but one day so far: the original itself, perhaps.
            year -= 1;
        }
        let first = Date::new(year, 1, 1).unwrap_or(UNKNOWN);
        let (first, last) = (to_days(first), to_days(first.last_of_year().min(self.today)));
        let days = i64::from(last - first) + 1;
        let drawn = self.key.stream(text).below(days as u64) as i32;
        let masked = from_days(first + drawn).unwrap_or(UNKNOWN);
        if masked != original {
            return masked;
        }
        let next = (drawn + 1) % days as i32;
        from_days(first + next).unwrap_or(UNKNOWN)
    }
}

impl Mask for DateOfBirth {
    fn apply(&self, value: &mut Value) {
        let days = match value {
            Value::Date(days) => *days,
            Value::Timestamp(instant) => instant.days(),
            _ => {
                return replace_text(value, |original, out| {
                    let masked = self.masked(original.trim().parse().ok(), original);
                    // Writing to a String cannot fail.
                    let _ = write!(out, "{masked}");
                });
            }
        };
        let original = from_days(days);
        let text = original.map_or_else(String::new, |date| date.to_string());
        let masked = to_days(self.masked(original, &text));
        *value = match value {
            Value::Timestamp(_) => {
                Value::Timestamp(Instant::from_micros(i64::from(masked) * MICROS_PER_DAY))
            }
            _ => Value::Date(masked),
        };
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        matches!(input, ValueKind::Date | ValueKind::Timestamp | ValueKind::Text).then_some(input)
    }

    /// Counts the characters of texts; the lengths of other kinds do not depend on the mask.
    fn max_length(&self, input: usize) -> usize {
        input.max(TEXT_LENGTH)
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(365)
    }
}
