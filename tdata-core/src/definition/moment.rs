//! Points in time, absolute or counted from the as-of time.

use std::fmt;
use std::str::FromStr;

use jiff::{Span, Timestamp, civil, tz::TimeZone};

/// Microseconds since 1970-01-01 00:00 UTC, the resolution of PostgreSQL's timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Microseconds in a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Instant {
    /// Makes an instant from microseconds since 1970-01-01 00:00 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since 1970-01-01 00:00 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Returns the whole seconds since 1970-01-01 00:00 UTC.
    pub(crate) const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Returns the days since 1970-01-01, in UTC.
    pub(crate) const fn days(self) -> i32 {
        self.0.div_euclid(MICROS_PER_DAY) as i32
    }

    /// Returns 00:00 UTC of the instant's day.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        Self(self.0.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY)
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Reads `2024-05-01`, `2024-05-01T12:30:00` or `2024-05-01T12:30:00Z` (with any offset); without
/// an offset it is UTC.
impl FromStr for Instant {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let text = text.trim();
        // `[Europe/Berlin]` behind a time would be read and dropped: a zone is not an offset.
        if text.contains('[') {
            return Err(InvalidMoment);
        }
        let timestamp = text
            .parse::<Timestamp>()
            .or_else(|_| {
                let date_time = text.parse::<civil::DateTime>()?;
                Ok::<_, jiff::Error>(date_time.to_zoned(TimeZone::UTC)?.timestamp())
            })
            .map_err(|_| InvalidMoment)?;
        Ok(Self(timestamp.as_microsecond()))
    }
}

/// Writes RFC 3339 in UTC, such as `2024-05-01T00:00:00Z`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

/// A point in time as definitions write it.
///
/// `now` and signed spans such as `-30d` count from the as-of time; dates and RFC 3339 times are
/// absolute. Units: `s`, `m` (minutes), `h`, `d`, `w`, `mo` (months), `y`.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// A fixed instant.
    At(Instant),
    /// A span from the as-of time on.
    FromAsOf(Span),
}

/// A text that is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a point in time")]
pub struct InvalidMoment;

impl Moment {
    /// What [`Moment`] accepts, for messages.
    pub const EXPECTED: &'static str =
        "`now`, a span such as `-30d` or `+12h`, a date such as `2024-05-01`, or an RFC 3339 time";

    /// Fixes the moment, counting from `as_of`; saturates at the ends of the calendar.
    pub fn resolve(self, as_of: Instant) -> Instant {
        match self {
            Self::At(instant) => instant,
            Self::FromAsOf(span) => {
                let zoned = as_of.timestamp().to_zoned(TimeZone::UTC);
                let limit = if span.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
                let moved = zoned.checked_add(span).map_or(limit, |zoned| zoned.timestamp());
                Instant(moved.as_microsecond())
            }
        }
    }
}

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self::FromAsOf(Span::new()));
        }
        let signed = text.strip_prefix('-').map(|rest| (-1, rest));
        let Some((sign, rest)) = signed.or_else(|| text.strip_prefix('+').map(|rest| (1, rest)))
        else {
            return text.parse().map(Self::At);
        };
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidMoment)?;
        let count = sign * rest[..digits].parse::<i64>().map_err(|_| InvalidMoment)?;
        let span = match &rest[digits..] {
            "s" => Span::new().try_seconds(count),
            "m" => Span::new().try_minutes(count),
            "h" => Span::new().try_hours(count),
            "d" => Span::new().try_days(count),
            "w" => Span::new().try_weeks(count),
            "mo" => Span::new().try_months(count),
            "y" => Span::new().try_years(count),
            _ => return Err(InvalidMoment),
        };
        span.map(Self::FromAsOf).map_err(|_| InvalidMoment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> String {
        let as_of: Instant = "2024-03-31T00:00:00Z".parse().unwrap();
        text.parse::<Moment>().unwrap().resolve(as_of).to_string()
    }

    #[test]
    fn spans_count_from_the_as_of_time() {
        assert_eq!(resolve("now"), "2024-03-31T00:00:00Z");
        assert_eq!(resolve("-30d"), "2024-03-01T00:00:00Z");
        assert_eq!(resolve("-1mo"), "2024-02-29T00:00:00Z");
        assert_eq!(resolve("+12h"), "2024-03-31T12:00:00Z");
    }

    #[test]
    fn dates_and_times_are_absolute() {
        assert_eq!(resolve("2020-01-02"), "2020-01-02T00:00:00Z");
        assert_eq!(resolve("2020-01-02T03:04:05+01:00"), "2020-01-02T02:04:05Z");
    }

    #[test]
    fn a_span_without_end_saturates() {
        assert!(resolve("-9999y").starts_with('-'));
    }

    #[test]
    fn annotated_zones_are_refused() {
        for text in [
            "2024-05-01T12:00:00[Europe/Berlin]",
            "2024-05-01T12:00:00+02:00[Europe/Berlin]",
            "2024-05-01T12:00:00Z[u-ca=hebrew]",
            "2024-05-01[UTC]",
        ] {
            assert_eq!(text.parse::<Instant>(), Err(InvalidMoment), "{text}");
        }
        assert_eq!(InvalidMoment.to_string(), "not a point in time");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "yesterday", "-d", "-30", "-30x", "2024-13-01"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
