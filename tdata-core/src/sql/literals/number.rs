//! Numbers of a `numeric` with a precision, whose digits PostgreSQL rounds.

use crate::sql::types::Scalar;

/// Tells whether a `numeric` keeps all digits of a number. What is written in another way than with digits, a point and
/// an exponent is left to the server.
pub(super) fn is_kept(text: &str, scalar: Scalar) -> bool {
    let Some((before, behind)) = scalar.decimal_digits() else { return true };
    let text = text.trim().trim_start_matches(['+', '-']);
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let Some(exponent) = exponent.parse::<i64>().ok() else { return true };
    if all.is_empty() || !all.bytes().all(|digit| digit.is_ascii_digit()) {
        return true;
    }
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return true;
    }
    // How many digits of it stand before the point, and how many behind it; fewer than none are zeros.
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let leading = length(&all) - length(significant);
    let point = length(whole).saturating_add(exponent).saturating_sub(leading);
    let trailing = length(significant.trim_end_matches('0'));
    // A negative scale rounds digits before the point.
    let rounded = i64::from(scalar.whole_unit().map_or(0, i64::ilog10));
    point <= i64::from(before) && trailing.saturating_sub(point) <= i64::from(behind) - rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_or_rounded() {
        for (sql_type, kept, rounded) in [
            (
                (4, 2),
                vec!["1.5", "-99.99", "0", "0012.30", "1e1", "NaN", "x", "125e-2"],
                vec!["1.555", "100", "1e2", "1e-3"],
            ),
            ((3, 0), vec!["999", "1.0", "1e2"], vec!["0.5", "1000"]),
        ] {
            let scalar = Scalar::Numeric(Some(sql_type));
            kept.iter().for_each(|text| assert!(is_kept(text, scalar), "{text}"));
            rounded.iter().for_each(|text| assert!(!is_kept(text, scalar), "{text}"));
        }
    }
}
