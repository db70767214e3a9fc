//! Digits behind a point, as spans of time are written.

/// Reads digits behind the point of a number of seconds as microseconds; `None` where these are no digits, or more
/// than PostgreSQL keeps.
pub(super) fn micros(digits: &str) -> Option<i64> {
    let trimmed = digits.trim_end_matches('0');
    let all = digits.bytes().all(|digit| digit.is_ascii_digit());
    (all && trimmed.len() <= 6).then(|| format!("{trimmed:0<6}").parse().ok())?
}

/// Tells whether seconds keep their digits where a type has so many of them.
pub(super) fn keeps(micros: i64, precision: Option<u8>) -> bool {
    let left_out = 6 - u32::from(precision.unwrap_or(6).min(6));
    micros % 10i64.pow(left_out) == 0
}

/// Reads a number that consists of digits, so many at most.
pub(super) fn whole(text: &str, most: usize) -> Option<i64> {
    let digits = (1..=most).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}
