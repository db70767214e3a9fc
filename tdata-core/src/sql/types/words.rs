//! The words for PostgreSQL's own types, as definitions can write them.

use std::fmt;

use super::interval::IntervalFields;
use super::scalar::Scalar;

/// The words, each with its type where nothing stands in parentheses behind it. Of several words for
/// a type the first is the one that is written.
const WORDS: &[(&str, Scalar)] = &[
    ("smallint", Scalar::SmallInt),
    ("int2", Scalar::SmallInt),
    ("smallserial", Scalar::SmallInt),
    ("integer", Scalar::Integer),
    ("int", Scalar::Integer),
    ("int4", Scalar::Integer),
    ("serial", Scalar::Integer),
    ("bigint", Scalar::BigInt),
    ("int8", Scalar::BigInt),
    ("bigserial", Scalar::BigInt),
    ("real", Scalar::Real),
    ("float4", Scalar::Real),
    ("double precision", Scalar::Double),
    ("float8", Scalar::Double),
    ("float", Scalar::Double),
    ("numeric", Scalar::Numeric(None)),
    ("decimal", Scalar::Numeric(None)),
    ("money", Scalar::Money),
    ("boolean", Scalar::Boolean),
    ("bool", Scalar::Boolean),
    ("text", Scalar::Text),
    ("citext", Scalar::Citext),
    ("name", Scalar::Name),
    ("varchar", Scalar::Varchar(None)),
    ("character varying", Scalar::Varchar(None)),
    ("char", Scalar::Char(Some(1))),
    ("character", Scalar::Char(Some(1))),
    ("bpchar", Scalar::Char(None)),
    ("bytea", Scalar::Bytea),
    ("bit", Scalar::Bit(1)),
    ("bit varying", Scalar::VarBit(None)),
    ("varbit", Scalar::VarBit(None)),
    ("date", Scalar::Date),
    ("time", Scalar::Time(None)),
    ("time without time zone", Scalar::Time(None)),
    ("time with time zone", Scalar::TimeTz(None)),
    ("timetz", Scalar::TimeTz(None)),
    ("timestamp", Scalar::Timestamp(None)),
    ("timestamp without time zone", Scalar::Timestamp(None)),
    ("timestamptz", Scalar::TimestampTz(None)),
    ("timestamp with time zone", Scalar::TimestampTz(None)),
    ("interval", Scalar::Interval(IntervalFields::All, None)),
    ("uuid", Scalar::Uuid),
    ("inet", Scalar::Inet),
    ("cidr", Scalar::Cidr),
    ("macaddr", Scalar::MacAddr),
    ("macaddr8", Scalar::MacAddr8),
    ("json", Scalar::Json),
    ("jsonb", Scalar::Jsonb),
    ("jsonpath", Scalar::JsonPath),
    ("xml", Scalar::Xml),
    ("hstore", Scalar::Hstore),
    ("ltree", Scalar::Ltree),
    ("tsvector", Scalar::TsVector),
    ("tsquery", Scalar::TsQuery),
    ("point", Scalar::Point),
    ("line", Scalar::Line),
    ("lseg", Scalar::Segment),
    ("box", Scalar::Box),
    ("path", Scalar::Path),
    ("polygon", Scalar::Polygon),
    ("circle", Scalar::Circle),
    ("oid", Scalar::Oid),
    ("pg_lsn", Scalar::PgLsn),
];

/// PostgreSQL's own ranges with their multiranges, and the type of their bounds.
pub(super) const RANGES: &[(&str, &str, Scalar)] = &[
    ("daterange", "datemultirange", Scalar::Date),
    ("int4range", "int4multirange", Scalar::Integer),
    ("int8range", "int8multirange", Scalar::BigInt),
    ("numrange", "nummultirange", Scalar::Numeric(None)),
    ("tsrange", "tsmultirange", Scalar::Timestamp(None)),
    ("tstzrange", "tstzmultirange", Scalar::TimestampTz(None)),
];

/// Returns the type that a word stands for.
pub(super) fn scalar(word: &str) -> Option<Scalar> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, scalar)| *scalar)
}

/// Returns the word for a type without modifiers.
fn word_of(scalar: Scalar) -> &'static str {
    WORDS.iter().find(|(_, known)| *known == scalar).map_or("", |(word, _)| word)
}

/// Tells whether a word stands for a type of PostgreSQL's own.
pub(super) fn is_word(word: &str) -> bool {
    names().any(|known| known == word)
}

/// Returns all words, those for ranges included.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let ranges = RANGES.iter().flat_map(|(range, multirange, _)| [*range, *multirange]);
    WORDS.iter().map(|(word, _)| *word).chain(ranges)
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Numeric(Some((precision, scale))) => write!(f, "numeric({precision},{scale})"),
            Self::Varchar(Some(length)) => write!(f, "varchar({length})"),
            Self::Char(Some(length)) => write!(f, "char({length})"),
            Self::Char(None) => f.write_str("bpchar"),
            Self::Bit(length) => write!(f, "bit({length})"),
            Self::VarBit(Some(length)) => write!(f, "bit varying({length})"),
            Self::VarBit(None) => f.write_str("bit varying"),
            Self::Time(Some(digits)) => write!(f, "time({digits})"),
            Self::TimeTz(None) => f.write_str("time with time zone"),
            Self::TimeTz(Some(digits)) => write!(f, "time({digits}) with time zone"),
            Self::Timestamp(Some(digits)) => write!(f, "timestamp({digits})"),
            Self::TimestampTz(None) => f.write_str("timestamptz"),
            Self::TimestampTz(Some(digits)) => write!(f, "timestamp({digits}) with time zone"),
            Self::Interval(fields, digits) => {
                f.write_str("interval")?;
                if fields != IntervalFields::All {
                    write!(f, " {}", fields.word())?;
                }
                digits.map_or(Ok(()), |digits| write!(f, "({digits})"))
            }
            plain => f.write_str(word_of(plain)),
        }
    }
}
