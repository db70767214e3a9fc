//! Reads a text as a value of a type, whichever it is.

use super::{array, bits, interval, json, network, number, time, tsvector};
use crate::sql::types::{Scalar, SqlType};

/// Reads a text as a value of a type; returns the form in which PostgreSQL compares it: equal values have equal
/// forms. A type that is not known here takes any text.
///
/// # Errors
///
/// What the text should be, to follow "is not".
pub(crate) fn read(text: &str, sql_type: &SqlType) -> Result<String, String> {
    if let SqlType::Array(array) = sql_type.base() {
        let elements = array::elements(text).ok_or("an array such as `{a,b}`")?;
        for element in elements.iter().flatten() {
            within_array(element, &array.element)?;
        }
        return Ok(text.to_owned());
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
        _ => read(text, element)
            .map(|_| ())
            .map_err(|expected| format!("an array whose elements are each {expected}")),
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
    use super::read;

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
            ("ltree", vec!["a.b_1".into(), "".into()], vec!["a..b".into(), "New York".into()]),
        ] {
            fit.iter().for_each(|text| assert!(fits(text, sql_type), "{text} as {sql_type}"));
            unfit.iter().for_each(|text| assert!(!fits(text, sql_type), "{text} as {sql_type}"));
        }
    }

    #[test]
    fn what_postgresql_takes_for_equal_has_one_form() {
        assert!(equal("Ada", "aDA", "citext") && !equal("Ada", "aDA", "text"));
        assert!(equal("a  ", "a", "bpchar") && !equal("a ", "a", "varchar(3)"));
    }
}
