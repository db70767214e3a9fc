//! `interval`.

use super::digits::{keeps, micros, whole};
use crate::sql::types::{IntervalFields, Scalar};

const SECOND: i128 = 1_000_000;
const DAY: i128 = 86_400 * SECOND;
const MONTH: i128 = 30 * DAY;

/// A span of time. PostgreSQL compares spans by their sum, a month being thirty days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    months: i128,
    /// Days and smaller parts, in microseconds.
    micros: i128,
}

/// Reads a span: `1 day 02:30:00`, `3 weeks ago`, `1-2`, `P1DT2H`.
pub(super) fn read(
    text: &str,
    fields: IntervalFields,
    precision: Option<u8>,
) -> Result<String, String> {
    let lower = text.trim().to_lowercase();
    let span = match lower.strip_prefix('p') {
        Some(iso) => designated(iso),
        None => spelled(&lower, fields),
    };
    let expected = || "a span of time such as `1 day 02:30:00`, `3 weeks` or `P1DT2H`".to_owned();
    // PostgreSQL counts months in 32 bits, and days too.
    let most = |count: i128| count.abs() < i128::from(i32::MAX);
    let span =
        span.filter(|span| most(span.months) && most(span.micros / DAY)).ok_or_else(expected)?;
    let unit = smallest(fields);
    let kept = match unit {
        Some(unit) if unit >= MONTH => span.months % (unit / MONTH) == 0 && span.micros == 0,
        Some(unit) => span.micros % unit == 0,
        None => i64::try_from(span.micros % SECOND).is_ok_and(|micros| keeps(micros, precision)),
    };
    if !kept {
        let column = Scalar::Interval(fields, precision);
        return Err(format!("a span of time that `{column}` keeps all parts of"));
    }
    Ok((span.months * MONTH + span.micros).to_string())
}

/// The smallest part that is kept; `None` where seconds are.
fn smallest(fields: IntervalFields) -> Option<i128> {
    use IntervalFields as Fields;
    match fields {
        Fields::Year => Some(12 * MONTH),
        Fields::Month | Fields::YearToMonth => Some(MONTH),
        Fields::Day => Some(DAY),
        Fields::Hour | Fields::DayToHour => Some(3_600 * SECOND),
        Fields::Minute | Fields::DayToMinute | Fields::HourToMinute => Some(60 * SECOND),
        Fields::All
        | Fields::Second
        | Fields::DayToSecond
        | Fields::HourToSecond
        | Fields::MinuteToSecond => None,
    }
}

/// The length of a unit, by its name.
fn unit(word: &str) -> Option<i128> {
    Some(match word {
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecond" | "microseconds"
        | "microsecon" => 1,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecond" | "milliseconds"
        | "millisecon" => 1_000,
        "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => 60 * SECOND,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600 * SECOND,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "mon" | "mons" | "month" | "months" => MONTH,
        "y" | "yr" | "yrs" | "year" | "years" => 12 * MONTH,
        "dec" | "decs" | "decade" | "decades" => 120 * MONTH,
        "c" | "cent" | "century" | "centuries" => 1_200 * MONTH,
        "mil" | "mils" | "millennium" | "millennia" => 12_000 * MONTH,
        _ => return None,
    })
}

impl Span {
    /// Adds so many units, whose number may have digits behind its point; `None` where it is no number, or a part
    /// of it too small to be kept.
    fn add(&mut self, number: &str, unit: i128) -> Option<()> {
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, number.strip_prefix('+').unwrap_or(number)),
        };
        let (count, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let count = if count.is_empty() && !fraction.is_empty() { 0 } else { whole(count, 12)? };
        let part = i128::from(if fraction.is_empty() { 0 } else { micros(fraction)? }) * unit;
        if part % SECOND != 0 {
            return None;
        }
        let (count, part) = (sign * i128::from(count) * unit, sign * part / SECOND);
        if unit >= MONTH {
            self.months += (count + part) / MONTH;
            self.micros += (count + part) % MONTH;
        } else {
            self.micros += count + part;
        }
        Some(())
    }

    fn negated(self) -> Self {
        Self { months: -self.months, micros: -self.micros }
    }
}

/// Reads what stands behind the `p` of ISO 8601: numbers, each with the letter of its unit.
fn designated(text: &str) -> Option<Span> {
    let mut span = Span::default();
    let (days, times) = match text.split_once('t') {
        Some((days, times)) => (days, Some(times).filter(|times| !times.is_empty())),
        None => (text, None),
    };
    if days.is_empty() && times.is_none() || text.ends_with('t') {
        return None;
    }
    let day_units = [('y', 12 * MONTH), ('m', MONTH), ('w', 7 * DAY), ('d', DAY)];
    let time_units = [('h', 3_600 * SECOND), ('m', 60 * SECOND), ('s', SECOND)];
    for (mut rest, units) in [(days, &day_units[..]), (times.unwrap_or(""), &time_units[..])] {
        while !rest.is_empty() {
            let at = rest.find(|c: char| c.is_ascii_lowercase())?;
            let letter = rest[at..].chars().next()?;
            let (_, unit) = units.iter().find(|(known, _)| *known == letter)?;
            span.add(&rest[..at], *unit)?;
            rest = &rest[at + 1..];
        }
    }
    Some(span)
}

/// Reads numbers with the names of their units, times of day, years with months (`1-2`), and a last number of the
/// smallest unit there is.
fn spelled(text: &str, fields: IntervalFields) -> Option<Span> {
    let text = text.strip_prefix('@').unwrap_or(text).trim();
    let (text, ago) = match text.strip_suffix(" ago") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut span = Span::default();
    let mut units = Vec::new();
    let mut words = words(text).into_iter().peekable();
    words.peek()?;
    while let Some(word) = words.next() {
        let (sign, unsigned) = match word.strip_prefix('-') {
            Some(unsigned) => (-1, unsigned),
            None => (1, word.strip_prefix('+').unwrap_or(word)),
        };
        if unsigned.contains(':') {
            units.extend([3_600 * SECOND, 60 * SECOND, SECOND]);
            span.micros += sign * clock(unsigned, fields)?;
        } else if let Some((years, months)) = unsigned.split_once('-') {
            let (years, months) =
                (whole(years, 9)?, whole(months, 2).filter(|months| *months < 12)?);
            units.extend([12 * MONTH, MONTH]);
            span.months += sign * i128::from(years * 12 + months);
        } else {
            let unit = match words.peek().copied() {
                Some(next) if next.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    words.next();
                    unit(next)?
                }
                // Days stand before a time of day.
                Some(next) if next.contains(':') => DAY,
                Some(_) => return None,
                None => smallest(fields).unwrap_or(SECOND),
            };
            units.push(unit);
            span.add(word, unit)?;
        }
    }
    // PostgreSQL takes each unit once.
    let count = units.len();
    units.sort_unstable();
    units.dedup();
    if units.len() < count {
        return None;
    }
    Some(if ago { span.negated() } else { span })
}

/// Splits a text at blanks, and numbers from the letters behind them.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .flat_map(|word| match word.find(|c: char| c.is_ascii_alphabetic()) {
            Some(at) if at > 0 => vec![&word[..at], &word[at..]],
            _ => vec![word],
        })
        .collect()
}

/// Reads hours, minutes and seconds; hours may be many.
fn clock(text: &str, fields: IntervalFields) -> Option<i128> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, digits)) => (clock, micros(digits)?),
        None => (text, 0),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] if fraction > 0 || fields == IntervalFields::MinuteToSecond => {
            (0, whole(minutes, 2)?, whole(seconds, 2)?)
        }
        [hours, minutes] => (whole(hours, 9)?, whole(minutes, 2)?, 0),
        [hours, minutes, seconds] => (whole(hours, 9)?, whole(minutes, 2)?, whole(seconds, 2)?),
        _ => return None,
    };
    let fits = minutes < 60 && seconds <= 60;
    let seconds = i128::from(hours) * 3_600 + i128::from(minutes * 60 + seconds);
    fits.then_some(seconds * SECOND + i128::from(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<String, String> {
        read(text, IntervalFields::All, None)
    }

    #[test]
    fn spans_of_one_length_have_one_form() {
        for (one, other) in [
            ("1 day", "24:00:00"),
            ("1 month", "30 days"),
            ("1.5 years", "1-6"),
            ("2 hours 30 minutes", "02:30"),
            ("3 4:05:06", "P3DT4H5M6S"),
            ("1 week ago", "-7 days"),
            ("@ 1 minute 3 secs", "63"),
            ("1day", "1 d"),
            ("P1Y2M3W", "14 mons 21 days"),
            ("-1 day +02:00", "-22 hours"),
            ("PT0.5S", "500 ms"),
        ] {
            assert_eq!(all(one), all(other), "{one} {other}");
            assert!(all(one).is_ok(), "{one}");
        }
    }

    #[test]
    fn what_is_no_span_or_loses_a_part_is_told() {
        for text in [
            "",
            "x",
            "1 fortnight",
            "1:60",
            "P",
            "PT",
            "P1",
            "1 day day",
            "1 day 1 day",
            "1 s 00:01",
            "1-12",
            "now",
            "ago",
        ] {
            assert!(all(text).is_err(), "{text}");
        }
        let fits = |text: &str, fields, precision| read(text, fields, precision).is_ok();
        assert!(fits("2 days", IntervalFields::Day, None));
        assert!(!fits("1 day 02:00", IntervalFields::Day, None));
        assert!(fits("1-2", IntervalFields::YearToMonth, None));
        assert!(!fits("1 month", IntervalFields::Year, None));
        assert!(!fits("1.25 s", IntervalFields::All, Some(1)));
        assert_eq!(read("5", IntervalFields::Day, None), all("5 days"));
    }
}
