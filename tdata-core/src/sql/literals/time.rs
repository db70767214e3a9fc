//! `time` and `time with time zone`.

use super::digits::{keeps, micros, whole};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads a time of day: `10:30`, `10:30:00.5`, `103000`, `10:30 PM`, `allballs`; with a zone, `10:30+02:00`.
///
/// What PostgreSQL would take from its clock, such as `now`, is none: rows would differ each time.
pub(super) fn read(text: &str, precision: Option<u8>, zoned: bool) -> Result<String, String> {
    let expected = || {
        let zone = if zoned { " with an offset, such as `10:30:00+02:00`" } else { "" };
        let example = if zoned { "" } else { ", such as `10:30:00`" };
        match precision {
            Some(digits) if digits < 6 => {
                format!(
                    "a time of day{zone}{example}, with at most {digits} digits behind its seconds"
                )
            }
            _ => format!("a time of day{zone}{example}"),
        }
    };
    let lower = text.trim().to_lowercase();
    let (clock, zone) = split_zone(&lower);
    let zone = match zone {
        _ if clock == "allballs" => Some(0),
        Some(zone) => offset(zone),
        // Without one it is that of the session: UTC, as a rule.
        None => Some(0),
    };
    let time = if clock == "allballs" { Some(0) } else { time_of_day(clock) };
    let (time, zone) = time.zip(zone).ok_or_else(expected)?;
    if !keeps(time, precision) {
        return Err(expected());
    }
    // Times with zones are equal where both the moment and the zone are.
    Ok(if zoned { format!("{} {zone}", time - zone * SECOND) } else { time.to_string() })
}

/// Splits the offset off: what starts with a sign behind the first digits, or a `z`.
fn split_zone(text: &str) -> (&str, Option<&str>) {
    if let Some(clock) = text.strip_suffix('z') {
        return (clock.trim_end(), Some("+00"));
    }
    if let Some(clock) = text.strip_suffix(" utc") {
        return (clock.trim_end(), Some("+00"));
    }
    match text.find(['+', '-']) {
        Some(at) if at > 0 => (text[..at].trim_end(), Some(&text[at..])),
        _ => (text, None),
    }
}

/// Reads an offset such as `+02`, `+0230`, `+02:30` or `+02:30:15` as seconds.
fn offset(text: &str) -> Option<i64> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = &text[1..];
    let parts: Vec<&str> = match digits.len() {
        4 if !digits.contains(':') => vec![&digits[..2], &digits[2..]],
        _ => digits.split(':').collect(),
    };
    let parts: Vec<i64> = parts.into_iter().map(|part| whole(part, 2)).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours] => (hours, 0, 0),
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let fits = hours <= 15 && minutes < 60 && seconds < 60;
    fits.then_some(sign * (hours * 3_600 + minutes * 60 + seconds))
}

/// Reads a time of day without a zone as microseconds.
pub(super) fn time_of_day(text: &str) -> Option<i64> {
    let text = text.strip_prefix('t').unwrap_or(text);
    let (clock, afternoon) = match text.strip_suffix("am").map(|clock| (clock, false)) {
        Some((clock, _)) => (clock.trim_end(), Some(false)),
        None => match text.strip_suffix("pm") {
            Some(clock) => (clock.trim_end(), Some(true)),
            None => (text, None),
        },
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, digits)) => (clock, micros(digits)?),
        None => (clock, 0),
    };
    let parts: Vec<i64> = if clock.contains(':') {
        clock.split(':').map(|part| whole(part, 2)).collect::<Option<_>>()?
    } else if matches!(clock.len(), 4 | 6) && clock.is_ascii() {
        (0..clock.len()).step_by(2).map(|at| whole(&clock[at..at + 2], 2)).collect::<Option<_>>()?
    } else {
        return None;
    };
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] if fraction == 0 => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let hours = match afternoon {
        Some(_) if hours > 12 => return None,
        Some(false) if hours == 12 => 0,
        Some(true) if hours < 12 => hours + 12,
        _ => hours,
    };
    let time = (hours * 3_600 + minutes * 60 + seconds) * SECOND + fraction;
    // A leap second is the first of the next minute.
    (minutes < 60 && seconds <= 60 && time <= DAY).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn times_are_read_in_all_their_forms() {
        let time = |text| read(text, None, false);
        for text in ["16:05", "16:05:00.000", "160500", "1605", "04:05 PM", "4:05pm", "T16:05"] {
            assert_eq!(time(text).as_deref(), Ok("57900000000"), "{text}");
        }
        assert_eq!(time("24:00"), time("23:59:60"));
        for text in [
            "25:00", "10:60", "10", "now", "noon", "24:00:01", "13:00 PM", "10:00:61", "1:2:3:4",
            "", "1000000",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
        assert!(read("10:00:00.5", Some(0), false).is_err());
        assert!(read("10:00:00.50", Some(1), false).is_ok());
    }

    #[test]
    fn zones_are_part_of_a_time_that_has_one() {
        let zoned = |text| read(text, None, true);
        assert_eq!(zoned("10:00+02"), zoned("10:00:00+02:00"));
        assert_ne!(zoned("10:00+02"), zoned("09:00+01"));
        assert!(zoned("10:00+25").is_err() && zoned("10:00").is_ok());
        assert_eq!(zoned("10:00Z"), zoned("10:00 UTC"));
    }
}
