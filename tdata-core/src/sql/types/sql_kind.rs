//! The kinds of SQL types, as far as it matters which Rust types can hold their values.

use super::scalar::Scalar;
use super::sql_type::SqlType;

/// What kind of values a column of a type has.
///
/// Decimal types are told apart by what can hold all their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlKind {
    /// `smallint`.
    SmallInt,
    /// `integer`.
    Integer,
    /// `bigint`.
    BigInt,
    /// `real`.
    Real,
    /// `double precision`.
    Double,
    /// `numeric` of at most 9 digits, none behind the point.
    Whole9,
    /// `numeric` of at most 18 digits, none behind the point.
    Whole18,
    /// `numeric` of at most 15 digits: what 64 bits of floating point keep apart.
    Decimal15,
    /// `numeric` of more digits, or of any number of them.
    Numeric,
    /// `boolean`.
    Boolean,
    /// Texts of any length.
    Text,
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
    /// `inet`.
    Inet,
    /// `json` and `jsonb`.
    Json,
    /// `bytea`.
    Bytes,
    /// Arrays of one dimension.
    Array,
    /// Any other type: enums, arrays of more dimensions, those of extensions.
    Other,
}

/// A set of [`SqlKind`]s, made and asked while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlKinds(u32);

impl SqlKinds {
    /// Makes the set of some kinds.
    ///
    /// ```
    /// use tdata_core::sql::{SqlKind, SqlKinds};
    ///
    /// const WHOLE: SqlKinds = SqlKinds::of(&[SqlKind::SmallInt, SqlKind::Integer]);
    /// assert!(WHOLE.contains(SqlKind::Integer) && !WHOLE.contains(SqlKind::Text));
    /// ```
    pub const fn of(kinds: &[SqlKind]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < kinds.len() {
            bits |= 1 << kinds[at] as u32;
            at += 1;
        }
        Self(bits)
    }

    /// Tells whether a kind is in the set.
    pub const fn contains(self, kind: SqlKind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }
}

impl SqlType {
    /// Returns the kind of the type's values; those of a domain are of its base's kind.
    pub fn kind(&self) -> SqlKind {
        match self.base() {
            Self::Array(array) if array.dimensions <= 1 => SqlKind::Array,
            _ => self.scalar().map_or(SqlKind::Other, Scalar::kind),
        }
    }
}

impl Scalar {
    /// Returns the kind of the type's values.
    fn kind(self) -> SqlKind {
        match self {
            Self::SmallInt => SqlKind::SmallInt,
            Self::Integer => SqlKind::Integer,
            Self::BigInt => SqlKind::BigInt,
            Self::Real => SqlKind::Real,
            Self::Double => SqlKind::Double,
            Self::Numeric(Some((..=9, 0))) => SqlKind::Whole9,
            Self::Numeric(Some((..=18, 0))) => SqlKind::Whole18,
            Self::Numeric(Some((..=15, 1..))) => SqlKind::Decimal15,
            Self::Numeric(_) => SqlKind::Numeric,
            Self::Boolean => SqlKind::Boolean,
            Self::Date => SqlKind::Date,
            Self::Timestamp(_) => SqlKind::Timestamp,
            Self::TimestampTz(_) => SqlKind::TimestampTz,
            Self::Time(_) => SqlKind::Time,
            Self::Uuid => SqlKind::Uuid,
            Self::Inet => SqlKind::Inet,
            Self::Json | Self::Jsonb => SqlKind::Json,
            Self::Bytea => SqlKind::Bytes,
            text if text.is_text() => SqlKind::Text,
            _ => SqlKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_told_apart_by_what_holds_them() {
        for (text, kind) in [
            ("numeric(9)", SqlKind::Whole9),
            ("numeric(10,0)", SqlKind::Whole18),
            ("decimal(10,2)", SqlKind::Decimal15),
            ("decimal(16,2)", SqlKind::Numeric),
            ("numeric", SqlKind::Numeric),
            ("varchar(5)", SqlKind::Text),
            ("citext", SqlKind::Text),
            ("timestamp(3)", SqlKind::Timestamp),
            ("jsonb", SqlKind::Json),
            ("bytea", SqlKind::Bytes),
            ("text[]", SqlKind::Array),
            ("mood[]", SqlKind::Array),
            ("int[][]", SqlKind::Other),
            ("order_state", SqlKind::Other),
            ("numeric(3,-2)", SqlKind::Numeric),
            ("numeric(3,5)", SqlKind::Decimal15),
            ("bpchar", SqlKind::Text),
            ("time(3) with time zone", SqlKind::Other),
        ] {
            let sql_type: SqlType = text.parse().unwrap();
            assert_eq!(sql_type.kind(), kind, "{text}");
        }
    }
}
