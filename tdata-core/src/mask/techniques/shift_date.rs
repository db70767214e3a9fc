//! `shift_date`: a date or time some days before or after the original.

use std::sync::Arc;

use crate::definition::{Instant, MICROS_PER_DAY};
use crate::generate::{Value, ValueKind};
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &["max_days"],
    summary: "Some days before or after, `max_days` (30) at the most, never 0; the time of day \
              stays.",
    build,
};

const NAME: &str = "shift_date";
const DEFAULT_DAYS: u64 = 30;
const MOST_DAYS: u64 = 3650;
/// PostgreSQL's earliest day, 4714-11-24 BC, in days since 1970-01-01.
const EARLIEST: i64 = -2_440_588;

#[derive(Debug)]
struct ShiftDate {
    key: TechniqueKey,
    max_days: u64,
    as_of: Instant,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let max_days = if build.has("max_days") { own_days(build)? } else { DEFAULT_DAYS };
    Some(Arc::new(ShiftDate { key: build.key.technique(NAME), max_days, as_of: build.as_of }))
}

fn own_days(build: &mut MaskBuild<'_>) -> Option<u64> {
    let expected = format!("a number of days from 1 to {MOST_DAYS}");
    let days = build.parsed::<u64>("max_days", &expected)?;
    if !(1..=MOST_DAYS).contains(&days.value) {
        let message = format!("`max_days: {}` is not {expected}", days.value);
        build.invalid(&days.origin, message, format!("give {expected}"));
        return None;
    }
    Some(days.value)
}

impl ShiftDate {
    /// Returns the day that `day` becomes. `latest` is the last day a mask may be.
    fn shifted(&self, day: i64, latest: i64, original: &Value) -> i64 {
        let mut text = String::new();
        original.write_text(&mut text);
        let drawn = self.key.stream(&text).below(2 * self.max_days) as i64;
        let (days, forward) = (drawn / 2 + 1, drawn % 2 == 1);
        let (later, earlier) = (day.saturating_add(days), day.saturating_sub(days));
        let shifted =
            if (forward && later <= latest) || earlier < EARLIEST { later } else { earlier };
        if shifted > latest {
            // The original is in the future, where no mask may be: count from the last day.
            return latest.saturating_sub(days);
        }
        if shifted < EARLIEST { EARLIEST + days } else { shifted }
    }
}

impl Mask for ShiftDate {
    fn apply(&self, value: &mut Value) {
        let today = i64::from(self.as_of.days());
        *value = match *value {
            Value::Timestamp(instant) => {
                let day = instant.micros().div_euclid(MICROS_PER_DAY);
                let time = instant.micros().rem_euclid(MICROS_PER_DAY);
                let today_is_over = time > self.as_of.micros().rem_euclid(MICROS_PER_DAY);
                let latest = today - i64::from(today_is_over);
                let shifted = self.shifted(day, latest, value);
                Value::Timestamp(Instant::from_micros(
                    shifted.saturating_mul(MICROS_PER_DAY).saturating_add(time),
                ))
            }
            Value::Date(day) => {
                let shifted = self.shifted(day.into(), today, value);
                Value::Date(i32::try_from(shifted).unwrap_or(self.as_of.days()))
            }
            // Nothing else is masked by this technique; if it comes, nothing of it stays.
            _ => Value::Null,
        };
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        matches!(input, ValueKind::Date | ValueKind::Timestamp).then_some(input)
    }

    fn max_length(&self, input: usize) -> usize {
        input
    }

    /// Days next to each other have but so many masks between them.
    fn spread(&self) -> Spread {
        Spread::Hashed(2 * u128::from(self.max_days))
    }
}
