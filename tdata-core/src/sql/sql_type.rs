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
    /// Any other type by name, as `CREATE TABLE` takes it (names in quotes keep them): an enum, a
    /// domain, an extension's type, an array.
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
    "bit varying",
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
    "time with time zone",
    "timetz",
    "tsquery",
    "tsrange",
    "tstzrange",
    "tsvector",
    "varbit",
    "xml",
];

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
                let bare = without_parameters(name);
                NAMED.contains(&&*bare) || WORDS.iter().any(|(word, _)| *word == bare)
            }
            _ => true,
        }
    }

    /// Returns the bare name of a type that is held by name: without schema, quotes, parameters and
    /// brackets, as PostgreSQL's catalog has it.
    pub(crate) fn catalog_name(&self) -> Option<String> {
        let Self::Named(name) = self else { return None };
        let bare = without_parameters(name);
        let bare = bare.rsplit('.').next().unwrap_or(&bare);
        Some(bare.trim_matches('"').to_owned())
    }

    /// Returns the type without its precision, where that is all it is held by name for:
    /// `timestamp(3)` is a timestamp.
    pub(crate) fn without_precision(&self) -> Self {
        match self {
            Self::Named(name) if !name.ends_with("[]") => {
                let bare = without_parameters(name);
                let word = WORDS.iter().find(|(word, _)| *word == bare && bare != "bpchar");
                word.map_or_else(|| self.clone(), |(_, sql_type)| sql_type.clone())
            }
            _ => self.clone(),
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
            // Without a length, `bpchar` has no limit, unlike `char`.
            Self::Named(name) => matches!(name.as_str(), "citext" | "name" | "bpchar"),
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

impl SqlType {
    /// Returns up to which whole number, and up to how many digits in all, a floating-point type
    /// keeps different numbers apart.
    pub(crate) fn float_precision(&self) -> Option<(i64, usize)> {
        match self {
            Self::Real => Some((1 << 24, 6)),
            Self::Double => Some((1 << 53, 15)),
            _ => None,
        }
    }
}

impl FromStr for SqlType {
    type Err = SqlTypeError;

    fn from_str(text: &str) -> Result<Self, SqlTypeError> {
        let text = spelled(text);
        let element = text.trim_end_matches("[]");
        match &text[element.len()..] {
            "" => read(element),
            brackets => Ok(Self::Named(format!("{}{brackets}", read(element.trim_end())?))),
        }
    }
}

/// Reads a type that is no array. All of the text is read: it goes into `CREATE TABLE` as it is.
fn read(text: &str) -> Result<SqlType, SqlTypeError> {
    let (name, inside, behind) = match text.split_once('(') {
        None => (text, None, ""),
        Some((name, rest)) => {
            let (inside, behind) = rest.split_once(')').ok_or(SqlTypeError::Malformed)?;
            (name.trim_end(), Some(inside), behind.trim_start())
        }
    };
    let zoned = matches!(behind, "with time zone" | "without time zone");
    // The precision stands before the time zone: `timestamp(3) with time zone`.
    if !(behind.is_empty() || zoned) || inside.is_some() && name.ends_with(" time zone") {
        return Err(SqlTypeError::Malformed);
    }
    let full = if zoned { format!("{name} {behind}") } else { name.to_owned() };
    let Some((_, base)) = WORDS.iter().find(|(word, _)| *word == full) else {
        let own = behind.is_empty() && is_type_name(name);
        if !own && !NAMED.contains(&&*full) {
            return Err(SqlTypeError::Malformed);
        }
        let modifier = |part: &str| {
            let part = part.trim();
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let fit = inside.is_none_or(|inside| inside.split(',').all(modifier));
        return if fit {
            Ok(SqlType::Named(text.to_owned()))
        } else {
            Err(SqlTypeError::Parameters)
        };
    };
    let numbers = inside.map(|inside| inside.split(',').map(|number| number.trim().parse::<u32>()));
    let numbers = numbers.into_iter().flatten().collect::<Result<Vec<_>, _>>();
    match (base, numbers.map_err(|_| SqlTypeError::Parameters)?.as_slice()) {
        (SqlType::Char(_), []) if full == "bpchar" => Ok(SqlType::Named(full)),
        (base, []) => Ok(base.clone()),
        (SqlType::Varchar(_), [length]) if *length > 0 => Ok(SqlType::Varchar(Some(*length))),
        (SqlType::Char(_), [length]) if *length > 0 => Ok(SqlType::Char(*length)),
        (SqlType::Numeric(_), [precision @ 1..=1000]) => {
            Ok(SqlType::Numeric(Some((*precision as u16, 0))))
        }
        (SqlType::Numeric(_), [precision @ 1..=1000, scale]) if scale <= precision => {
            Ok(SqlType::Numeric(Some((*precision as u16, *scale as u16))))
        }
        (SqlType::Timestamp | SqlType::TimestampTz | SqlType::Time, [0..=6]) => {
            Ok(SqlType::Named(text.to_owned()))
        }
        _ => Err(SqlTypeError::Parameters),
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

/// Tells whether a text can name a type that migrations make: `order_state`, `shop."OrderState"`.
fn is_type_name(text: &str) -> bool {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
    };
    let quoted = |part: &str| {
        let inside = part.strip_prefix('"').and_then(|part| part.strip_suffix('"'));
        inside.is_some_and(|name| {
            !name.is_empty() && !name.contains(|c: char| c == '"' || c.is_control())
        })
    };
    text.split('.').count() <= 2 && text.split('.').all(|part| plain(part) || quoted(part))
}

/// Returns a type's name without `(...)` and `[]`.
fn without_parameters(name: &str) -> String {
    let element = name.trim_end_matches("[]");
    match element.split_once('(') {
        None => element.to_owned(),
        Some((name, rest)) => {
            let behind = rest.split_once(')').map_or("", |(_, behind)| behind);
            format!("{}{behind}", name.trim_end())
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
    fn nothing_behind_the_parameters_is_left_unread() {
        for text in [
            "varchar(5) not null",
            "text(1)); drop table x; --",
            "timestamp(3) with time zones",
            "timestamp with time zone(3)",
            "varchar(5) with time zone",
            "text; drop table x[]",
            "varchar(5) collate[]",
            "[]",
            "\"a\"\"b\"",
            "\"\"",
            "\"open",
            "a.b.c",
        ] {
            assert_eq!(text.parse::<SqlType>(), Err(SqlTypeError::Malformed), "{text}");
        }
        for text in ["varchar(0)[]", "geometry(point);--)", "money()", "text(1)"] {
            assert!(text.parse::<SqlType>().is_err(), "{text}");
        }
    }

    #[test]
    fn types_held_by_name_are_written_as_postgresql_takes_them() {
        for (text, written, builtin) in [
            ("\"OrderState\"", "\"OrderState\"", false),
            ("Shop.\"Order State\"[]", "shop.\"Order State\"[]", false),
            ("TIME with  time zone", "time with time zone", true),
            ("time(3) with time zone", "time(3) with time zone", true),
            ("timestamp(3) with time zone", "timestamp(3) with time zone", true),
            ("bit varying(8)", "bit varying(8)", true),
            ("int[][]", "integer[][]", true),
            ("geometry(Point,4326)", "geometry(point,4326)", false),
            ("bpchar", "bpchar", true),
        ] {
            let sql_type: SqlType = text.parse().unwrap();
            assert_eq!(sql_type.to_string(), written);
            assert_eq!(sql_type.is_builtin(), builtin, "{text}");
            assert_eq!(written.parse(), Ok(sql_type));
        }
        let named = SqlType::Named("shop.\"OrderState\"[]".into());
        assert_eq!(named.catalog_name().as_deref(), Some("OrderState"));
        assert_eq!(
            "timestamp(3)".parse().map(|t: SqlType| t.without_precision()),
            Ok(SqlType::Timestamp)
        );
    }

    #[test]
    fn bpchar_without_a_length_has_no_limit() {
        let sql_type: SqlType = "bpchar".parse().unwrap();
        assert!(sql_type.is_text() && sql_type.length_limit().is_none());
        assert_eq!("bpchar(5)".parse(), Ok(SqlType::Char(5)));
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
