//! Types whose values are one piece, with their modifiers.

use super::interval::IntervalFields;

/// A type of PostgreSQL's own, or of one of its usual extensions, whose values are one piece.
///
/// `Display` writes it the way `CREATE TABLE` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scalar {
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
    /// `numeric`, with precision (digits in all, 1 to 1000) and scale (digits behind the point, -1000
    /// to 1000) where given.
    Numeric(Option<(u16, i16)>),
    /// `money`.
    Money,
    /// `boolean`.
    Boolean,
    /// `text`.
    Text,
    /// `citext`, of the extension of that name: text in which letter case does not count.
    Citext,
    /// `name`, as PostgreSQL names its objects.
    Name,
    /// `varchar`, with its length in characters where given.
    Varchar(Option<u32>),
    /// `char`, with its length in characters; without one, `bpchar`, which has no limit.
    Char(Option<u32>),
    /// `bytea`.
    Bytea,
    /// `bit`, with its length in bits.
    Bit(u32),
    /// `bit varying`, with its length in bits where given.
    VarBit(Option<u32>),
    /// `date`.
    Date,
    /// `time without time zone`, with the digits of its seconds (0 to 6) where given.
    Time(Option<u8>),
    /// `time with time zone`, with the digits of its seconds (0 to 6) where given.
    TimeTz(Option<u8>),
    /// `timestamp without time zone`, with the digits of its seconds (0 to 6) where given.
    Timestamp(Option<u8>),
    /// `timestamp with time zone`, with the digits of its seconds (0 to 6) where given.
    TimestampTz(Option<u8>),
    /// `interval`, with what it keeps and the digits of its seconds (0 to 6) where given.
    Interval(IntervalFields, Option<u8>),
    /// `uuid`.
    Uuid,
    /// `inet`, an IP address.
    Inet,
    /// `cidr`, an IP network.
    Cidr,
    /// `macaddr`.
    MacAddr,
    /// `macaddr8`.
    MacAddr8,
    /// `json`.
    Json,
    /// `jsonb`.
    Jsonb,
    /// `jsonpath`.
    JsonPath,
    /// `xml`.
    Xml,
    /// `hstore`, of the extension of that name.
    Hstore,
    /// `ltree`, of the extension of that name.
    Ltree,
    /// `tsvector`.
    TsVector,
    /// `tsquery`.
    TsQuery,
    /// `point`.
    Point,
    /// `line`.
    Line,
    /// `lseg`, a segment of a line.
    Segment,
    /// `box`.
    Box,
    /// `path`.
    Path,
    /// `polygon`.
    Polygon,
    /// `circle`.
    Circle,
    /// `oid`.
    Oid,
    /// `pg_lsn`.
    PgLsn,
}

impl Scalar {
    /// Returns the most characters a value may have, where the type sets a limit.
    pub fn length_limit(self) -> Option<usize> {
        match self {
            Self::Varchar(limit) | Self::Char(limit) => limit.map(|limit| limit as usize),
            // These are bytes; PostgreSQL cuts off what is more.
            Self::Name => Some(63),
            _ => None,
        }
    }

    /// Tells whether the type holds text.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Citext | Self::Name | Self::Varchar(_) | Self::Char(_))
    }

    /// Tells whether the type holds whole numbers, and nothing else.
    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

    /// Returns the smallest and the largest whole number the type holds, if it holds such.
    pub fn integer_range(self) -> Option<(i64, i64)> {
        match self {
            Self::SmallInt => Some((i16::MIN.into(), i16::MAX.into())),
            Self::Integer => Some((i32::MIN.into(), i32::MAX.into())),
            Self::BigInt | Self::Numeric(None) => Some((i64::MIN, i64::MAX)),
            Self::Numeric(Some((_, scale))) => {
                let (before, _) = self.decimal_digits()?;
                // A negative scale rounds the last digits before the point.
                let unit = 10i64.checked_pow(u32::try_from(-scale).unwrap_or(0));
                let bound = 10i64.checked_pow(u32::try_from(before).unwrap_or(0));
                let most = bound.zip(unit).map_or(i64::MAX, |(bound, unit)| bound - unit);
                Some((-most, most))
            }
            _ => None,
        }
    }

    /// Returns how many digits a `numeric` with a precision holds before the point, and how many it
    /// keeps behind it. Fewer than none before the point: so many zeros stand behind it.
    pub(crate) fn decimal_digits(self) -> Option<(i32, u32)> {
        let Self::Numeric(Some((precision, scale))) = self else { return None };
        let behind = u32::try_from(scale).unwrap_or(0);
        Some((i32::from(precision) - i32::from(scale), behind))
    }

    /// Returns what whole numbers must be a multiple of, where a `numeric` rounds digits before its point.
    pub(crate) fn whole_unit(self) -> Option<i64> {
        match self {
            Self::Numeric(Some((_, scale @ ..0))) => {
                Some(10i64.checked_pow(scale.unsigned_abs().into()).unwrap_or(i64::MAX))
            }
            _ => None,
        }
    }

    /// Returns what the microseconds of points in time must be a multiple of, where the type says how many digits of
    /// the seconds it keeps.
    pub(crate) fn instant_unit(self) -> Option<i64> {
        match self {
            Self::Timestamp(Some(digits)) | Self::TimestampTz(Some(digits)) => {
                Some(10i64.pow(6u32.saturating_sub(digits.into())))
            }
            _ => None,
        }
    }

    /// Returns up to which whole number, and up to how many digits in all, a floating-point type
    /// keeps different numbers apart.
    pub(crate) fn float_precision(self) -> Option<(i64, usize)> {
        match self {
            Self::Real => Some((1 << 24, 6)),
            Self::Double => Some((1 << 53, 15)),
            _ => None,
        }
    }
}
