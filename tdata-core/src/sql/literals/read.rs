//! Reads a text as a value of a type, whichever it is.

use super::{array, bits, interval, json, network, number, parts, time, tsvector};
use crate::sql::types::{CompositeType, RangeType, Scalar, SqlType};

/// Reads a text as a value of a type; returns the form in which PostgreSQL compares it: equal values have equal
/// forms. A type that is not known here takes any text.
///
/// # Errors
///
/// What the text should be, to follow "is not".
pub(crate) fn read(text: &str, sql_type: &SqlType) -> Result<String, String> {
    if let SqlType::Array(array) = sql_type.base() {
        let elements = array::array_elements(text).ok_or("an array such as `{a,b}`")?;
        for element in elements.iter().flatten() {
            within_array(element, &array.element)?;
        }
        return Ok(text.to_owned());
    }
    match sql_type.base() {
        SqlType::Range(range) => within_range(text, range)?,
        SqlType::Multirange(range) => {
            let expected =
                || format!("a list of ranges such as `{{[1,5),[7,9)}}`, as {range} holds");
            let ranges = parts::ranges(text).ok_or_else(expected)?;
            ranges.iter().try_for_each(|one| within_range(one, range))?;
        }
        SqlType::Composite(composite) => within_composite(text, composite)?,
        _ => {}
    }
    let Some(scalar) = sql_type.scalar() else { return Ok(text.to_owned()) };
    match scalar {
        Scalar::Name if text.len() > NAME_BYTES => {
            Err(format!("a text of at most {NAME_BYTES} bytes, which is what a `name` holds"))
        }
        Scalar::Char(_) | Scalar::Varchar(_) => characters(text, scalar),
        // PostgreSQL compares small letters.
        Scalar::Citext => Ok(text.to_lowercase()),
        Scalar::Bit(length) => bits::read(text, Some(length), true),
        Scalar::VarBit(limit) => bits::read(text, limit, false),
        Scalar::Time(precision) => time::read(text, precision, false),
        Scalar::TimeTz(precision) => time::read(text, precision, true),
        Scalar::Interval(fields, precision) => interval::read(text, fields, precision),
        Scalar::Json => json::read(text, false),
        Scalar::Jsonb => json::read(text, true),
        Scalar::Inet => network::inet(text),
        Scalar::Cidr => network::cidr(text),
        Scalar::Ltree => labels(text),
        Scalar::TsVector => tsvector::read(text),
        _ => Ok(text.to_owned()),
    }
}

/// Reads an element of an array.
fn within_array(text: &str, element: &SqlType) -> Result<(), String> {
    match element.scalar() {
        Some(numeric @ Scalar::Numeric(_)) if !number::is_kept(text, numeric) => {
            Err(format!("an array of numbers that `{element}` keeps all digits of"))
        }
        _ => part(text, element)
            .map_err(|expected| format!("an array whose elements are each {expected}")),
    }
}

/// Reads a range, or one of a multirange.
fn within_range(text: &str, range: &RangeType) -> Result<(), String> {
    let Ok(bounds) = parts::bounds(text) else {
        return Err("a range such as `[1,5)`, `[1,)` or `empty`".to_owned());
    };
    let Some(bounds) = bounds else { return Ok(()) };
    for bound in bounds.iter().flatten() {
        part(bound, &range.subtype)
            .map_err(|expected| format!("a range whose bounds are each {expected}"))?;
    }
    let numbers = bounds.each_ref().map(|bound| bound.as_ref()?.trim().parse::<f64>().ok());
    match numbers {
        [Some(low), Some(high)] if low > high => {
            Err("a range whose lower bound is not above the upper one".to_owned())
        }
        _ => Ok(()),
    }
}

/// Reads a composite value.
fn within_composite(text: &str, composite: &CompositeType) -> Result<(), String> {
    let Some(found) = parts::attributes(text) else {
        return Err(format!("a value of {} such as `(1,\"a b\")`", composite.name));
    };
    let wanted = composite.attributes.len();
    // `()` is the value of a type without attributes, and of one with a single one that is null.
    if found.len() != wanted && !(wanted == 0 && found == [None]) {
        let names: Vec<&str> = composite.attributes.iter().map(|(name, _)| &**name).collect();
        return Err(format!(
            "a value of {} with {wanted} parts ({})",
            composite.name,
            names.join(", ")
        ));
    }
    for (found, (name, sql_type)) in found.iter().zip(&composite.attributes) {
        if let Some(text) = found {
            part(text, sql_type).map_err(|expected| {
                format!("a value of {} whose `{name}` is {expected}", composite.name)
            })?;
        }
    }
    Ok(())
}

/// Reads a value within another one. Where PostgreSQL takes many forms, only what has none of them is refused.
fn part(text: &str, sql_type: &SqlType) -> Result<(), String> {
    if let Some(labels) = sql_type.labels() {
        let is_label = labels.iter().any(|label| label == text);
        return if is_label { Ok(()) } else { Err(format!("a label of {}", sql_type.base())) };
    }
    let Some(scalar) = sql_type.scalar() else { return read(text, sql_type).map(|_| ()) };
    let text = if scalar.is_text() { text } else { text.trim() };
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    match scalar {
        Scalar::SmallInt | Scalar::Integer | Scalar::BigInt => {
            let (least, most) = sql_type.integer_range().unwrap_or((i64::MIN, i64::MAX));
            // Newer versions also take `0x1F` and `1_000`.
            let is_other = has_digit && text.contains(['x', 'X', 'o', 'O', 'b', 'B', '_']);
            let number = text.parse::<i64>().ok().filter(|number| (least..=most).contains(number));
            match number.is_some() || is_other {
                true => Ok(()),
                false => Err(format!("a whole number from {least} to {most}")),
            }
        }
        Scalar::Real | Scalar::Double | Scalar::Numeric(_) => {
            match text.parse::<f64>().is_ok() || has_digit && text.contains('_') {
                true => Ok(()),
                false => Err("a number".to_owned()),
            }
        }
        Scalar::Boolean => {
            let small = text.to_lowercase();
            let is_start = |word: &&str| !small.is_empty() && word.starts_with(&*small);
            let is_word = ["true", "false", "yes", "no", "1", "0"].iter().any(is_start)
                || ["on", "of", "off"].contains(&small.as_str());
            if is_word { Ok(()) } else { Err("`true` or `false`".to_owned()) }
        }
        Scalar::Date | Scalar::Timestamp(_) | Scalar::TimestampTz(_) => {
            const WORDS: &[&str] = &[
                "infinity",
                "-infinity",
                "+infinity",
                "epoch",
                "now",
                "today",
                "tomorrow",
                "yesterday",
            ];
            let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
            if has_digit || is_word {
                Ok(())
            } else {
                Err("a date or time such as 2024-05-01".to_owned())
            }
        }
        Scalar::Uuid => {
            let digits: Vec<char> = text.chars().filter(|c| !"-{}".contains(*c)).collect();
            let is_uuid = digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit);
            if is_uuid { Ok(()) } else { Err("a UUID".to_owned()) }
        }
        _ => read(text, sql_type).map(|_| ()),
    }
}

/// Tells whether equal values of a type can be written in several ways.
pub(crate) fn has_forms(sql_type: &SqlType) -> bool {
    matches!(
        sql_type.scalar(),
        Some(
            Scalar::Citext
                | Scalar::Char(None)
                | Scalar::Bit(_)
                | Scalar::VarBit(_)
                | Scalar::Time(_)
                | Scalar::TimeTz(_)
                | Scalar::Interval(..)
                | Scalar::Jsonb
                | Scalar::Inet
                | Scalar::Cidr
        )
    )
}

/// What a `name` holds.
const NAME_BYTES: usize = 63;

fn characters(text: &str, scalar: Scalar) -> Result<String, String> {
    if let Some(limit) = scalar.length_limit().filter(|limit| text.chars().count() > *limit) {
        return Err(format!("a text of at most {limit} characters"));
    }
    match scalar {
        Scalar::Char(Some(length)) if text.ends_with(' ') => Err(format!(
            "a text without blanks at its end, which `char({length})` does not tell from its own"
        )),
        // Without a length they are kept, and do not count.
        Scalar::Char(None) => Ok(text.trim_end_matches(' ').to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Reads a path of labels. Which letters there are, and whether `-` is one, is for the server to know.
fn labels(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    match text.is_empty() || text.split('.').all(is_label) {
        true => Ok(text.to_owned()),
        false => Err("a path of labels such as `a.b`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{CompositeType, SqlType, read};

    /// Tells whether a text is read as a value of a type.
    fn fits(text: &str, sql_type: &str) -> bool {
        read(text, &sql_type.parse().unwrap()).is_ok()
    }

    fn equal(one: &str, other: &str, sql_type: &str) -> bool {
        let form = |text| read(text, &sql_type.parse().unwrap()).unwrap();
        form(one) == form(other)
    }

    #[test]
    fn what_does_not_fit_its_type_is_told() {
        for (sql_type, fit, unfit) in [
            ("name", vec!["a".repeat(63)], vec!["a".repeat(64), "\u{e4}".repeat(32)]),
            ("char(3)", vec!["ab".into(), "".into()], vec!["ab ".into(), "abcd".into()]),
            ("varchar(3)", vec!["ab ".into()], vec!["abcd".into()]),
            ("varchar(3)[]", vec!["{abc,NULL}".into()], vec!["{abcd}".into(), "abc".into()]),
            ("numeric(4,2)[]", vec!["{1.5,-0.25}".into()], vec!["{1.555}".into(), "{1e2}".into()]),
            (
                "int4range",
                vec!["[1,5)".into(), "empty".into(), "(,7]".into()],
                vec!["[5,1)".into(), "[a,b]".into(), "1-5".into(), "[1,99999999999)".into()],
            ),
            (
                "daterange",
                vec!["[2024-01-01,infinity)".into()],
                vec!["[2024-01-01]".into(), "[soon,)".into()],
            ),
            (
                "int4multirange",
                vec!["{[1,2),[5,6)}".into(), "{}".into()],
                vec!["[1,2)".into(), "{[2,1)}".into()],
            ),
            (
                "integer[]",
                vec!["{1,{2},NULL}".into(), "{ 1 }".into()],
                vec!["{a}".into(), "{2147483648}".into()],
            ),
            ("uuid[]", vec!["{}".into()], vec!["{1}".into()]),
            ("boolean[]", vec!["{t,off,TRUE}".into()], vec!["{maybe}".into()]),
            ("int4range[]", vec!["{\"[1,2)\"}".into()], vec!["{\"[2,1)\"}".into()]),
            ("ltree", vec!["a.b_1".into(), "".into()], vec!["a..b".into(), "New York".into()]),
        ] {
            fit.iter().for_each(|text| assert!(fits(text, sql_type), "{text} as {sql_type}"));
            unfit.iter().for_each(|text| assert!(!fits(text, sql_type), "{text} as {sql_type}"));
        }
    }

    #[test]
    fn composite_values_have_what_their_type_has() {
        let name = crate::sql::TypeName::new("place");
        let attribute = |name: &str, sql_type: &str| (name.to_owned(), sql_type.parse().unwrap());
        let attributes = vec![attribute("street", "varchar(4)"), attribute("number", "integer")];
        let place = SqlType::Composite(Arc::new(CompositeType { name, attributes }));
        for fit in ["(Main,5)", "(,)", "(\"a,b\", 7 )"] {
            assert!(read(fit, &place).is_ok(), "{fit}");
        }
        for (wrong, expected) in [
            ("(Main)", "a value of place with 2 parts (street, number)"),
            ("Main,5", "a value of place such as"),
            ("(Main,five)", "whose `number` is a whole number"),
            ("(Mainly,5)", "whose `street` is a text of at most 4 characters"),
        ] {
            let told = read(wrong, &place).unwrap_err();
            assert!(told.contains(expected), "{wrong}: {told}");
        }
    }

    #[test]
    fn what_postgresql_takes_for_equal_has_one_form() {
        assert!(equal("Ada", "aDA", "citext") && !equal("Ada", "aDA", "text"));
        assert!(equal("a  ", "a", "bpchar") && !equal("a ", "a", "varchar(3)"));
    }
}
