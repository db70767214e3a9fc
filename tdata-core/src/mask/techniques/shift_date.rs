//! `shift_date`: a date or time some days before the original.
//!
//! 1 + a choice below `max_days` days back; the choice is made from the day, in UTC, and the time of day stays. So
//! a date and the times of that day move together, and nothing lands in the future. In the first days
//! of PostgreSQL's calendar, in 4714 BC, it is as many days forward. A text that is no date or time becomes
//! 1900-01-01.

use std::sync::Arc;

use crate::definition::{Instant, MICROS_PER_DAY};
use crate::mask::canonical::{text_day, with_day};
use crate::mask::key::RuleKey;
use crate::mask::technique::replace_text;
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, Value, ValueKind, ValueRef};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "shift_date",
    version: 2,
    keyed: true,
    parameters: &["max_days"],
    read,
    usual: |_| Box::new(ShiftDate { max_days: DEFAULT_DAYS }),
};

const DEFAULT_DAYS: u32 = 30;
const MOST_DAYS: u32 = 3650;
/// PostgreSQL's earliest day, 4714-11-24 BC, in days since 1970-01-01.
const EARLIEST: i64 = -2_440_588;
/// What stands for everything that is no date.
const UNKNOWN: &str = "1900-01-01";

#[derive(Debug)]
struct ShiftDate {
    max_days: u32,
}

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    let max_days = if build.has("max_days") { own_days(build)? } else { DEFAULT_DAYS };
    Some(Box::new(ShiftDate { max_days }))
}

fn own_days(build: &mut MaskBuild<'_>) -> Option<u32> {
    let expected = format!("a number of days from 1 to {MOST_DAYS}");
    let days = build.parsed::<u32>("max_days", &expected)?;
    if !(1..=MOST_DAYS).contains(&days.value) {
        let message = format!("`max_days: {}` is not {expected}", days.value);
        build.invalid(&days.origin, message, format!("give {expected}"));
        return None;
    }
    Some(days.value)
}

impl Technique for ShiftDate {
    fn variant(&self) -> String {
        self.max_days.to_string()
    }

    /// Texts keep the time behind their date.
    fn least(&self) -> usize {
        UNKNOWN.len()
    }

    fn mask(&self, key: RuleKey, _limit: usize) -> AnyMask {
        Arc::new(Shifted { key, max_days: self.max_days })
    }
}

#[derive(Debug)]
struct Shifted {
    key: RuleKey,
    max_days: u32,
}

impl Shifted {
    /// Returns by how many days the times of a day move.
    fn days(&self, day: i32) -> i64 {
        let days = with_day(day, |text| self.key.words(text).below(self.max_days));
        let days = i64::from(days) + 1;
        if i64::from(day) - days < EARLIEST { days } else { -days }
    }
}

impl Masking for Shifted {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        match original {
            ValueRef::Date(day) => out.date(day.saturating_add(self.days(day) as i32)),
            ValueRef::Timestamp(instant) => {
                let shift = self.days(instant.days()) * MICROS_PER_DAY;
                out.timestamp(Instant::from_micros(instant.micros().saturating_add(shift)));
            }
            _ => replace_text(original, out, |original, out| {
                match shifted_text(original, |day| self.days(day)) {
                    Some((date, behind)) => {
                        Value::Date(date).write_text(out);
                        out.push_str(behind);
                    }
                    None => out.push_str(UNKNOWN),
                }
            }),
        }
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        matches!(input, ValueKind::Date | ValueKind::Timestamp | ValueKind::Text).then_some(input)
    }

    fn max_length(&self, input: usize) -> usize {
        input.max(UNKNOWN.len())
    }

    /// Days next to each other have but so many masks between them.
    fn spread(&self) -> Spread {
        Spread::Hashed(self.max_days.into())
    }
}

/// Returns the date of a text, shifted, and what stands behind it; `None` where the text is no date or time, or is so
/// old that its masks would be written otherwise.
fn shifted_text(text: &str, days: impl FnOnce(i32) -> i64) -> Option<(i32, &str)> {
    let text = text.trim();
    let (date, behind) = text.split_at_checked(UNKNOWN.len())?;
    let (written, day) = (text_day(date)?, text_day(text)?);
    let shifted = written + days(day) as i32;
    let told = Value::Date(shifted).to_string().len() == UNKNOWN.len();
    told.then_some((shifted, behind))
}
