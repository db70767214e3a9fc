//! Reads types as definitions write them.

use std::str::FromStr;
use std::sync::Arc;

use super::interval::IntervalFields;
use super::scalar::Scalar;
use super::sql_type::{ArrayType, OtherType, RangeType, SqlType};
use super::type_name::TypeName;
use super::words;

/// Why a type's text is no type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlTypeError {
    /// The text has no form that a type's name can have.
    #[error("not the name of a type")]
    Malformed,
    /// The parameters do not fit the type, such as `varchar(0)`.
    #[error("the parameters do not fit the type")]
    Parameters,
}

/// Reads a type as `CREATE TABLE` takes it. All of the text is read.
///
/// Of a type that is not PostgreSQL's own only the name is known then.
impl FromStr for SqlType {
    type Err = SqlTypeError;

    fn from_str(text: &str) -> Result<Self, SqlTypeError> {
        let text = spelled(text);
        let element = text.trim_end_matches("[]");
        let dimensions = (text.len() - element.len()) / 2;
        let element = read(element.trim_end())?;
        if dimensions == 0 {
            return Ok(element);
        }
        let dimensions = u16::try_from(dimensions).map_err(|_| SqlTypeError::Malformed)?;
        Ok(Self::Array(Arc::new(ArrayType { element, dimensions })))
    }
}

/// Writes a type's text in small letters with single blanks; what is in quotes stays.
fn spelled(text: &str) -> String {
    let (mut spelled, mut quoted) = (String::with_capacity(text.len()), false);
    for c in text.trim().chars() {
        quoted ^= c == '"';
        match c {
            _ if quoted => spelled.push(c),
            _ if !c.is_whitespace() => spelled.extend(c.to_lowercase()),
            _ if spelled.ends_with(' ') => {}
            _ => spelled.push(' '),
        }
    }
    spelled
}

/// Reads a type that is no array.
fn read(text: &str) -> Result<SqlType, SqlTypeError> {
    let (name, inside, behind) = match parenthesis(text) {
        None => (text, None, ""),
        Some(at) => {
            let (name, rest) = text.split_at(at);
            let (inside, behind) = rest[1..].split_once(')').ok_or(SqlTypeError::Malformed)?;
            (name.trim_end(), Some(inside), behind.trim_start())
        }
    };
    let zoned = matches!(behind, "with time zone" | "without time zone");
    // The precision stands before the time zone: `timestamp(3) with time zone`.
    if !(behind.is_empty() || zoned) || inside.is_some() && name.ends_with(" time zone") {
        return Err(SqlTypeError::Malformed);
    }
    let full = if zoned { format!("{name} {behind}") } else { name.to_owned() };
    if let Some(scalar) = words::scalar(&full) {
        return with_modifiers(scalar, inside).map(SqlType::Scalar);
    }
    if let Some(fields) = full.strip_prefix("interval ") {
        let fields = IntervalFields::WORDS.iter().find(|(word, _)| *word == fields);
        let (_, fields) = fields.ok_or(SqlTypeError::Malformed)?;
        return with_modifiers(Scalar::Interval(*fields, None), inside).map(SqlType::Scalar);
    }
    let name = TypeName::parse(&full).ok_or(SqlTypeError::Malformed)?;
    let modifier = |part: &str| {
        let part = part.trim();
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match (builtin_range(&name), inside) {
        (Some(range), None) => Ok(range),
        (None, inside) if inside.is_none_or(|inside| inside.split(',').all(modifier)) => {
            Ok(SqlType::Other(OtherType { name, modifiers: inside.map(str::to_owned) }))
        }
        _ => Err(SqlTypeError::Parameters),
    }
}

/// Returns where the first parenthesis is that stands in no quotes.
fn parenthesis(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '(' && !quoted).then_some(at)
    })
}

fn builtin_range(name: &TypeName) -> Option<SqlType> {
    let TypeName { schema: None, name: word } = name else { return None };
    words::RANGES.iter().find_map(|(range, multirange, subtype)| {
        let this =
            || Arc::new(RangeType { name: name.clone(), subtype: SqlType::Scalar(*subtype) });
        if word == range {
            Some(SqlType::Range(this()))
        } else {
            (word == multirange).then(|| SqlType::Multirange(this()))
        }
    })
}

/// The most characters that a type may say it holds.
const MOST_CHARACTERS: u32 = 10_485_760;

/// The most bits.
const MOST_BITS: u32 = 8 * MOST_CHARACTERS;

/// Puts what stands in parentheses into a type.
fn with_modifiers(scalar: Scalar, inside: Option<&str>) -> Result<Scalar, SqlTypeError> {
    let Some(inside) = inside else { return Ok(scalar) };
    let numbers: Result<Vec<i32>, _> =
        inside.split(',').map(|number| number.trim().parse()).collect();
    let numbers = numbers.map_err(|_| SqlTypeError::Parameters)?;
    let digits = |number: i32| u8::try_from(number).ok().filter(|digits| *digits <= 6);
    let within = |number: i32, most: u32| {
        u32::try_from(number).ok().filter(|length| (1..=most).contains(length))
    };
    let length = |number: i32| within(number, MOST_CHARACTERS);
    let bits = |number: i32| within(number, MOST_BITS);
    let precise = |precision: i32| u16::try_from(precision).ok().filter(|p| (1..=1000).contains(p));
    let scaled = |scale: i32| i16::try_from(scale).ok().filter(|s| (-1000..=1000).contains(s));
    let modified = match (scalar, numbers.as_slice()) {
        (Scalar::Varchar(_), [number]) => length(*number).map(|n| Scalar::Varchar(Some(n))),
        (Scalar::Char(_), [number]) => length(*number).map(|n| Scalar::Char(Some(n))),
        (Scalar::Bit(_), [number]) => bits(*number).map(Scalar::Bit),
        (Scalar::VarBit(_), [number]) => bits(*number).map(|n| Scalar::VarBit(Some(n))),
        (Scalar::Numeric(_), [precision]) => {
            precise(*precision).map(|precision| Scalar::Numeric(Some((precision, 0))))
        }
        (Scalar::Numeric(_), [precision, scale]) => {
            precise(*precision).zip(scaled(*scale)).map(|both| Scalar::Numeric(Some(both)))
        }
        (Scalar::Time(_), [number]) => digits(*number).map(|n| Scalar::Time(Some(n))),
        (Scalar::TimeTz(_), [number]) => digits(*number).map(|n| Scalar::TimeTz(Some(n))),
        (Scalar::Timestamp(_), [number]) => digits(*number).map(|n| Scalar::Timestamp(Some(n))),
        (Scalar::TimestampTz(_), [number]) => digits(*number).map(|n| Scalar::TimestampTz(Some(n))),
        (Scalar::Interval(fields, _), [number]) if fields.has_seconds() => {
            digits(*number).map(|n| Scalar::Interval(fields, Some(n)))
        }
        _ => None,
    };
    modified.ok_or(SqlTypeError::Parameters)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Result<SqlType, SqlTypeError> {
        text.parse()
    }

    fn scalar(scalar: Scalar) -> Result<SqlType, SqlTypeError> {
        Ok(SqlType::Scalar(scalar))
    }

    #[test]
    fn names_lengths_and_precisions_are_read() {
        assert_eq!(parsed("VARCHAR(255)"), scalar(Scalar::Varchar(Some(255))));
        assert_eq!(parsed("decimal(10, 2)"), scalar(Scalar::Numeric(Some((10, 2)))));
        assert_eq!(parsed("numeric(3,-2)"), scalar(Scalar::Numeric(Some((3, -2)))));
        assert_eq!(parsed("numeric(2,10)"), scalar(Scalar::Numeric(Some((2, 10)))));
        assert_eq!(parsed("timestamp  with time zone"), scalar(Scalar::TimestampTz(None)));
        assert_eq!(parsed("timestamp(3) without time zone"), scalar(Scalar::Timestamp(Some(3))));
        assert_eq!(parsed("timetz(0)"), scalar(Scalar::TimeTz(Some(0))));
        assert_eq!(parsed("bit"), scalar(Scalar::Bit(1)));
        let fields = IntervalFields::DayToSecond;
        assert_eq!(parsed("interval day to second(3)"), scalar(Scalar::Interval(fields, Some(3))));
        assert_eq!(parsed("bpchar"), scalar(Scalar::Char(None)));
        assert_eq!(parsed("bpchar(5)"), scalar(Scalar::Char(Some(5))));
        assert_eq!(parsed("order_state"), Ok(SqlType::named("order_state")));
    }

    #[test]
    fn arrays_and_ranges_have_their_parts() {
        let SqlType::Array(array) = parsed("varchar(20)[][]").unwrap() else { panic!() };
        assert_eq!(array.element, SqlType::Scalar(Scalar::Varchar(Some(20))));
        assert_eq!(array.dimensions, 2);
        let SqlType::Range(range) = parsed("daterange").unwrap() else { panic!() };
        assert_eq!(range.subtype, SqlType::Scalar(Scalar::Date));
        let multirange = parsed("int4multirange[]").unwrap();
        assert!(matches!(multirange, SqlType::Array(array)
            if matches!(array.element, SqlType::Multirange(_))));
    }

    #[test]
    fn impossible_parameters_are_refused() {
        for text in [
            "varchar(0)",
            "varchar(x)",
            "varchar(0)[]",
            "numeric(0)",
            "numeric(10,1001)",
            "timestamp(7)",
            "interval year(3)",
            "varchar(10485761)",
            "char(10485761)",
            "bit(-1)",
            "varbit(83886081)",
            "json(5)",
            "daterange(3)",
            "money()",
            "text(1)",
            "order_state()",
        ] {
            assert_eq!(parsed(text), Err(SqlTypeError::Parameters), "{text}");
        }
        for text in ["varchar(10", "drop table", "interval day to year"] {
            assert_eq!(parsed(text), Err(SqlTypeError::Malformed), "{text}");
        }
    }

    #[test]
    fn nothing_behind_the_parameters_is_left_unread() {
        for text in [
            "varchar(5) not null",
            "text(1)); drop table x; --",
            "timestamp(3) with time zones",
            "timestamp with time zone(3)",
            "varchar(5) with time zone",
            "text; drop table x[]",
            "varchar(5) collate[]",
            "geometry(point);--)",
            "[]",
            "\"a\"\"b\"",
            "\"\"",
            "\"open",
            "a.b.c",
        ] {
            assert_eq!(parsed(text), Err(SqlTypeError::Malformed), "{text}");
        }
    }

    #[test]
    fn types_are_written_as_postgresql_takes_them() {
        for (text, written) in [
            ("\"OrderState\"", "\"OrderState\""),
            ("Shop.\"Order State\"[]", "shop.\"Order State\"[]"),
            ("\"a(b)\"", "\"a(b)\""),
            ("TIME with  time zone", "time with time zone"),
            ("time(3) with time zone", "time(3) with time zone"),
            ("timestamp(3) with time zone", "timestamp(3) with time zone"),
            ("interval second(2)", "interval second(2)"),
            ("bit varying(8)", "bit varying(8)"),
            ("int[][]", "integer[][]"),
            ("geometry(Point,4326)", "geometry(point,4326)"),
            ("bpchar", "bpchar"),
            ("tstzrange", "tstzrange"),
        ] {
            let sql_type = parsed(text).unwrap();
            assert_eq!(sql_type.to_string(), written);
            assert_eq!(written.parse(), Ok(sql_type));
        }
    }

    #[test]
    fn every_word_is_read_and_written_again() {
        for word in SqlType::names() {
            let sql_type = parsed(word).unwrap();
            assert_eq!(sql_type.to_string().parse(), Ok(sql_type), "{word}");
        }
    }

    fn scalars() -> impl Strategy<Value = Scalar> {
        let digits = || proptest::option::of(0..=6u8);
        let length = || proptest::option::of(1..=MOST_CHARACTERS);
        let fields = proptest::sample::select(IntervalFields::WORDS);
        let plain: Vec<Scalar> = SqlType::names().filter_map(words::scalar).collect();
        prop_oneof![
            proptest::sample::select(plain),
            proptest::option::of((1..=1000u16, -1000..=1000i16)).prop_map(Scalar::Numeric),
            length().prop_map(Scalar::Varchar),
            length().prop_map(Scalar::Char),
            length().prop_map(Scalar::VarBit),
            (1..=1000u32).prop_map(Scalar::Bit),
            digits().prop_map(Scalar::Time),
            digits().prop_map(Scalar::TimeTz),
            digits().prop_map(Scalar::Timestamp),
            digits().prop_map(Scalar::TimestampTz),
            (fields, digits()).prop_map(|((_, fields), digits)| {
                Scalar::Interval(fields, digits.filter(|_| fields.has_seconds()))
            }),
        ]
    }

    fn others() -> impl Strategy<Value = OtherType> {
        let name = || "[^\"\\p{Cc}]{1,12}";
        let modifiers = proptest::option::of("[a-z0-9]{1,5}(,[a-z0-9]{1,5}){0,2}");
        (proptest::option::of(name()), name(), modifiers)
            .prop_map(|(schema, name, modifiers)| OtherType {
                name: TypeName { schema, name },
                modifiers,
            })
            .prop_filter("ranges have no modifiers", |other| builtin_range(&other.name).is_none())
    }

    proptest! {
        #[test]
        fn what_is_displayed_parses_to_the_same(
            element in prop_oneof![
                scalars().prop_map(SqlType::Scalar),
                others().prop_map(SqlType::Other),
            ],
            dimensions in 0..4u16,
        ) {
            let sql_type = match dimensions {
                0 => element,
                _ => SqlType::Array(Arc::new(ArrayType { element, dimensions })),
            };
            prop_assert_eq!(sql_type.to_string().parse(), Ok(sql_type));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            if let Ok(sql_type) = text.parse::<SqlType>() {
                prop_assert_eq!(sql_type.to_string().parse(), Ok(sql_type));
            }
        }
    }
}
