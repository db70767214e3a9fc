//! Which types keys can have: alone, and where they reference each other.

use std::mem::discriminant;

use super::interval::IntervalFields;
use super::scalar::Scalar;
use super::sql_type::SqlType;

impl SqlType {
    /// Tells whether PostgreSQL can keep values of the type unique: it must know an order of them. Of what is not
    /// known here, it may.
    pub(crate) fn can_be_unique(&self) -> bool {
        match self.base() {
            Self::Scalar(scalar) => scalar.has_order(),
            Self::Array(array) => array.element.can_be_unique(),
            Self::Composite(composite) => {
                composite.attributes.iter().all(|(_, attribute)| attribute.can_be_unique())
            }
            _ => true,
        }
    }

    /// Tells whether a column of the type can be a foreign key to one of another: PostgreSQL must know how the two
    /// are compared in the order of the other. Of what is not known here, it may.
    pub(crate) fn can_reference(&self, other: &Self) -> bool {
        match (self.base(), other.base()) {
            (Self::Other(_), _) | (_, Self::Other(_)) => true,
            (Self::Scalar(own), Self::Scalar(other)) => own.can_reference(*other),
            // Of how many dimensions arrays are is for people only.
            (Self::Array(own), Self::Array(referenced)) => {
                own.element.is_like(&referenced.element)
                    && !self.has_modified_elements()
                    && !other.has_modified_elements()
            }
            // PostgreSQL compares enums as such, which domains over them are not.
            (own @ Self::Enum(_), referenced) => {
                own == referenced && own == self && referenced == other
            }
            (own, other) => own == other,
        }
    }

    /// Tells whether it is an array whose elements have modifiers. PostgreSQL cannot compare such arrays as keys, unless
    /// they are those of a domain.
    fn has_modified_elements(&self) -> bool {
        let Self::Array(array) = self else { return false };
        matches!(array.element, Self::Scalar(scalar) if scalar.has_modifiers())
    }

    /// Tells whether two types are the same but for their modifiers.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(_), _) | (_, Self::Other(_)) => true,
            (Self::Scalar(own), Self::Scalar(other)) => discriminant(own) == discriminant(other),
            (own, other) => own == other,
        }
    }
}

impl Scalar {
    fn has_order(self) -> bool {
        !matches!(
            self,
            Self::Json
                | Self::JsonPath
                | Self::Xml
                | Self::Point
                | Self::Line
                | Self::Segment
                | Self::Box
                | Self::Path
                | Self::Polygon
                | Self::Circle
        )
    }

    fn has_modifiers(self) -> bool {
        match self {
            Self::Numeric(modifiers) => modifiers.is_some(),
            Self::Varchar(length) | Self::Char(length) | Self::VarBit(length) => length.is_some(),
            Self::Bit(_) => true,
            Self::Time(digits)
            | Self::TimeTz(digits)
            | Self::Timestamp(digits)
            | Self::TimestampTz(digits) => digits.is_some(),
            Self::Interval(fields, digits) => fields != IntervalFields::All || digits.is_some(),
            _ => false,
        }
    }

    fn can_reference(self, other: Self) -> bool {
        if discriminant(&self) == discriminant(&other) {
            return true;
        }
        let is_float = |scalar| matches!(scalar, Self::Real | Self::Double);
        let is_date =
            |scalar| matches!(scalar, Self::Date | Self::Timestamp(_) | Self::TimestampTz(_));
        match (self, other) {
            (own, other) if own.is_integer() => {
                other.is_integer()
                    || is_float(other)
                    || matches!(other, Self::Numeric(_) | Self::Oid)
            }
            (Self::Numeric(_) | Self::Real | Self::Double, other) => is_float(other),
            // Texts that know no letter case are compared as texts are by others, and not the other way round.
            (_, Self::Citext) => false,
            (Self::Citext, Self::Name | Self::Char(_)) => false,
            // The other way round PostgreSQL does not pad.
            (Self::Name, Self::Char(_)) => false,
            (own, other) if own.is_text() => other.is_text(),
            (own, other) if is_date(own) => is_date(other),
            (Self::Time(_), other) => matches!(other, Self::TimeTz(_) | Self::Interval(..)),
            (Self::Bit(_), Self::VarBit(_)) | (Self::VarBit(_), Self::Bit(_)) => true,
            (Self::Inet, Self::Cidr) | (Self::Cidr, Self::Inet) => true,
            (Self::MacAddr, Self::MacAddr8) | (Self::MacAddr8, Self::MacAddr) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sql::{CompositeType, DomainType, EnumType, TypeName};

    #[test]
    fn keys_reference_what_they_are_compared_with() {
        let can = |own: &str, other: &str| {
            own.parse::<SqlType>().unwrap().can_reference(&other.parse().unwrap())
        };
        for (own, other) in [
            ("smallint", "bigint"),
            ("integer", "numeric"),
            ("numeric(4,2)", "double precision"),
            ("char(3)", "text"),
            ("citext", "varchar(9)"),
            ("date", "timestamptz"),
            ("time", "interval"),
            ("integer[]", "integer[][]"),
            ("varchar[]", "varchar[]"),
            ("some_type", "integer"),
        ] {
            assert!(can(own, other), "{own} to {other}");
        }
        for (own, other) in [
            ("numeric", "integer"),
            ("text", "citext"),
            ("uuid", "text"),
            ("integer", "text"),
            ("integer", "boolean"),
            ("interval", "time"),
            ("date", "text"),
            ("integer[]", "bigint[]"),
            ("integer", "integer[]"),
            ("varchar(3)[]", "varchar[]"),
            ("bit(3)[]", "bit(3)[]"),
            ("int4range", "int8range"),
            ("inet", "text"),
        ] {
            assert!(!can(own, other), "{own} to {other}");
        }
    }

    #[test]
    fn domains_over_enums_are_no_keys() {
        let name = |name: &str| TypeName { schema: None, name: name.to_owned() };
        let base = SqlType::Enum(Arc::new(EnumType { name: name("mood"), labels: Vec::new() }));
        let domain = |base: SqlType| {
            let (name, checks) = (name("any"), Vec::new());
            SqlType::Domain(Arc::new(DomainType { name, base, not_null: false, checks }))
        };
        assert!(base.can_reference(&base));
        for (own, other) in
            [(domain(base.clone()), base.clone()), (base.clone(), domain(base.clone()))]
        {
            assert!(!own.can_reference(&other) && own.can_be_unique());
        }
        assert!(!domain(base.clone()).can_reference(&domain(base)));
        // What the domain is over has modifiers, and it has none.
        let texts = domain("varchar(3)[]".parse().unwrap());
        assert!(texts.can_reference(&texts));
    }

    #[test]
    fn what_has_no_order_cannot_be_unique() {
        let can = |own: &str| own.parse::<SqlType>().unwrap().can_be_unique();
        assert!(can("jsonb") && can("tsvector") && can("text[]") && can("int4range"));
        assert!(!can("json") && !can("point") && !can("xml[]"));
        let composite = |attribute: &str| {
            let name = TypeName { schema: None, name: "place".to_owned() };
            let attributes = vec![("at".to_owned(), attribute.parse().unwrap())];
            SqlType::Composite(Arc::new(CompositeType { name, attributes }))
        };
        assert!(composite("text").can_be_unique() && !composite("point").can_be_unique());
    }
}
