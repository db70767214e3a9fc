//! PostgreSQL types as definitions name them.

use std::fmt;
use std::str::FromStr;

/// The type of a column.
///
/// `Display` writes it the way `CREATE TABLE` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlType {
    /// `smallint`, 16 bits.
    SmallInt,
    /// `integer`, 32 bits.
    Integer,
    /// `bigint`, 64 bits.
    BigInt,
    /// `real`, 32 bits.
    Real,
    /// `double precision`, 64 bits.
    Double,
    /// `numeric`, with precision (digits in all) and scale (digits behind the point) where given.
    Numeric(Option<(u16, u16)>),
    /// `boolean`.
    Boolean,
    /// `text`.
    Text,
    /// `varchar`, with its length in characters where given.
    Varchar(Option<u32>),
    /// `char`, with its length in characters.
    Char(u32),
    /// `date`.
    Date,
    /// `timestamp without time zone`.
    Timestamp,
    /// `timestamp with time zone`.
    TimestampTz,
    /// `time without time zone`.
    Time,
    /// `uuid`.
    Uuid,
    /// `inet`, an IP address.
    Inet,
    /// Any other type by name: an enum, a domain, an extension's type, an array.
    Named(String),
}

const WORDS: &[(&str, SqlType)] = &[
    ("smallint", SqlType::SmallInt),
    ("int2", SqlType::SmallInt),
    ("smallserial", SqlType::SmallInt),
    ("integer", SqlType::Integer),
    ("int", SqlType::Integer),
    ("int4", SqlType::Integer),
    ("serial", SqlType::Integer),
    ("bigint", SqlType::BigInt),
    ("int8", SqlType::BigInt),
    ("bigserial", SqlType::BigInt),
    ("real", SqlType::Real),
    ("float4", SqlType::Real),
    ("double precision", SqlType::Double),
    ("float8", SqlType::Double),
    ("float", SqlType::Double),
    ("numeric", SqlType::Numeric(None)),
    ("decimal", SqlType::Numeric(None)),
    ("boolean", SqlType::Boolean),
    ("bool", SqlType::Boolean),
    ("text", SqlType::Text),
    ("varchar", SqlType::Varchar(None)),
    ("character varying", SqlType::Varchar(None)),
    ("char", SqlType::Char(1)),
    ("character", SqlType::Char(1)),
    ("bpchar", SqlType::Char(1)),
    ("date", SqlType::Date),
    ("timestamp", SqlType::Timestamp),
    ("timestamp without time zone", SqlType::Timestamp),
    ("timestamptz", SqlType::TimestampTz),
    ("timestamp with time zone", SqlType::TimestampTz),
    ("time", SqlType::Time),
    ("time without time zone", SqlType::Time),
    ("uuid", SqlType::Uuid),
    ("inet", SqlType::Inet),
];

/// PostgreSQL's other built-in types and those of its usual extensions, held by name.
const NAMED: &[&str] = &[
    "bit",
    "box",
    "bytea",
    "cidr",
    "circle",
    "citext",
    "daterange",
    "hstore",
    "int4range",
    "int8range",
    "interval",
    "json",
    "jsonb",
    "line",
    "ltree",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numrange",
    "path",
    "point",
    "polygon",
    "timetz",
    "tsquery",
    "tsrange",
    "tstzrange",
    "tsvector",
    "varbit",
    "xml",
];

/// Why a type's text is no type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlTypeError {
    /// The text has no form that a type's name can have.
    Malformed,
    /// The parameters do not fit the type, such as `varchar(0)`.
    Parameters,
}

impl SqlType {
    /// Returns the names of PostgreSQL's built-in types, as definitions can write them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word).chain(NAMED.iter().copied())
    }

    /// Tells whether the type is built into PostgreSQL (arrays of such types included).
    ///
    /// Others must exist in the database: enums, domains and the like made by migrations.
    pub fn is_builtin(&self) -> bool {
        match self {
            Self::Named(name) => {
                let element = name.trim_end_matches("[]");
                let bare = element.split('(').next().unwrap_or(element).trim_end();
                NAMED.contains(&bare) || WORDS.iter().any(|(word, _)| *word == bare)
            }
            _ => true,
        }
    }

    /// Returns the most characters a value may have, where the type sets a limit.
    pub fn length_limit(&self) -> Option<usize> {
        match self {
            Self::Varchar(limit) => limit.map(|limit| limit as usize),
            Self::Char(length) => Some(*length as usize),
            _ => None,
        }
    }

    /// Tells whether the type holds text.
    pub fn is_text(&self) -> bool {
        match self {
            Self::Text | Self::Varchar(_) | Self::Char(_) => true,
            Self::Named(name) => name == "citext" || name == "name",
            _ => false,
        }
    }

    /// Returns the smallest and the largest whole number the type holds, if it holds such.
    pub fn integer_range(&self) -> Option<(i64, i64)> {
        match self {
            Self::SmallInt => Some((i16::MIN.into(), i16::MAX.into())),
            Self::Integer => Some((i32::MIN.into(), i32::MAX.into())),
            Self::BigInt => Some((i64::MIN, i64::MAX)),
            Self::Numeric(Some((precision, scale))) => {
                let digits = u32::from(precision.saturating_sub(*scale));
                let most = 10i64.checked_pow(digits).map_or(i64::MAX, |power| power - 1);
                Some((-most, most))
            }
            Self::Numeric(None) => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }
}

impl FromStr for SqlType {
    type Err = SqlTypeError;

    fn from_str(text: &str) -> Result<Self, SqlTypeError> {
        let text = text.trim().to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        if text.ends_with("[]") {
            return Ok(Self::Named(text));
        }
        let (name, parameters) = match text.split_once('(') {
            None => (text.as_str(), Vec::new()),
            Some((name, rest)) => {
                let (inside, behind) = rest.split_once(')').ok_or(SqlTypeError::Malformed)?;
                if !behind.trim().is_empty() {
                    // `timestamp(3) with time zone` and the like: PostgreSQL's to read.
                    return Ok(Self::Named(text));
                }
                let numbers = inside.split(',').map(|number| number.trim().parse::<u32>());
                match numbers.collect::<Result<Vec<_>, _>>() {
                    Ok(numbers) => (name.trim(), numbers),
                    Err(_) => return Err(SqlTypeError::Parameters),
                }
            }
        };
        let Some((_, base)) = WORDS.iter().find(|(word, _)| *word == name) else {
            let wellformed = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'));
            return if wellformed { Ok(Self::Named(text)) } else { Err(SqlTypeError::Malformed) };
        };
        match (base, parameters.as_slice()) {
            (base, []) => Ok(base.clone()),
            (Self::Varchar(_), [length]) if *length > 0 => Ok(Self::Varchar(Some(*length))),
            (Self::Char(_), [length]) if *length > 0 => Ok(Self::Char(*length)),
            (Self::Numeric(_), [precision @ 1..=1000]) => {
                Ok(Self::Numeric(Some((*precision as u16, 0))))
            }
            (Self::Numeric(_), [precision @ 1..=1000, scale]) if scale <= precision => {
                Ok(Self::Numeric(Some((*precision as u16, *scale as u16))))
            }
            (Self::Timestamp | Self::TimestampTz | Self::Time, [0..=6]) => Ok(Self::Named(text)),
            _ => Err(SqlTypeError::Parameters),
        }
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("smallint"),
            Self::Integer => f.write_str("integer"),
            Self::BigInt => f.write_str("bigint"),
            Self::Real => f.write_str("real"),
            Self::Double => f.write_str("double precision"),
            Self::Numeric(None) => f.write_str("numeric"),
            Self::Numeric(Some((precision, scale))) => write!(f, "numeric({precision},{scale})"),
            Self::Boolean => f.write_str("boolean"),
            Self::Text => f.write_str("text"),
            Self::Varchar(None) => f.write_str("varchar"),
            Self::Varchar(Some(length)) => write!(f, "varchar({length})"),
            Self::Char(length) => write!(f, "char({length})"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampTz => f.write_str("timestamptz"),
            Self::Time => f.write_str("time"),
            Self::Uuid => f.write_str("uuid"),
            Self::Inet => f.write_str("inet"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lengths_and_precisions_are_read() {
        assert_eq!("VARCHAR(255)".parse(), Ok(SqlType::Varchar(Some(255))));
        assert_eq!("decimal(10, 2)".parse(), Ok(SqlType::Numeric(Some((10, 2)))));
        assert_eq!("timestamp  with time zone".parse(), Ok(SqlType::TimestampTz));
        assert_eq!("order_state".parse(), Ok(SqlType::Named("order_state".into())));
        assert_eq!("text[]".parse(), Ok(SqlType::Named("text[]".into())));
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!("varchar(0)".parse::<SqlType>(), Err(SqlTypeError::Parameters));
        assert_eq!("decimal(2,10)".parse::<SqlType>(), Err(SqlTypeError::Parameters));
        assert_eq!("varchar(x)".parse::<SqlType>(), Err(SqlTypeError::Parameters));
        assert_eq!("varchar(10".parse::<SqlType>(), Err(SqlTypeError::Malformed));
        assert_eq!("drop table".parse::<SqlType>(), Err(SqlTypeError::Malformed));
    }

    #[test]
    fn what_is_displayed_parses_to_the_same() {
        for (_, sql_type) in WORDS {
            assert_eq!(sql_type.to_string().parse(), Ok(sql_type.clone()));
        }
    }

    #[test]
    fn arrays_of_builtin_types_are_builtin() {
        assert!(SqlType::Named("varchar(20)[]".into()).is_builtin());
        assert!(!SqlType::Named("order_state".into()).is_builtin());
    }
}
