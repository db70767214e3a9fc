//! What can be asked of every type, whatever it is made of.

use super::scalar::Scalar;
use super::sql_type::{DomainType, OtherType, SqlType};
use super::type_name::TypeName;
use super::words;

impl SqlType {
    /// A type of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Other(OtherType { name: TypeName::new(name), modifiers: None })
    }

    /// Returns the names of PostgreSQL's own types, as definitions can write them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        words::names()
    }

    /// Returns the type under all domains.
    pub fn base(&self) -> &Self {
        let mut base = self;
        while let Self::Domain(domain) = base {
            base = &domain.base;
        }
        base
    }

    /// Returns the scalar that the type is, or is a domain over.
    pub fn scalar(&self) -> Option<Scalar> {
        match self.base() {
            Self::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    /// Returns the labels of the enum that the type is, or is a domain over.
    pub fn labels(&self) -> Option<&[String]> {
        match self.base() {
            Self::Enum(enumeration) => Some(&enumeration.labels),
            _ => None,
        }
    }

    /// Returns the domains that the type is made of, the outermost first.
    pub(crate) fn domains(&self) -> impl Iterator<Item = &DomainType> {
        std::iter::successors(as_domain(self), |domain| as_domain(&domain.base))
    }

    /// Tells whether a domain keeps the column from being null.
    pub fn is_not_null(&self) -> bool {
        self.domains().any(|domain| domain.not_null)
    }

    /// Returns the most characters a value may have, where the type sets a limit.
    pub fn length_limit(&self) -> Option<usize> {
        self.scalar()?.length_limit()
    }

    /// Returns the smallest and the largest whole number the type holds, if it holds such.
    pub fn integer_range(&self) -> Option<(i64, i64)> {
        self.scalar()?.integer_range()
    }

    /// Returns how many digits a `numeric` with a precision holds before the point, and how many it
    /// keeps behind it. Fewer than none before the point: so many zeros stand behind it.
    pub(crate) fn decimal_digits(&self) -> Option<(i32, u32)> {
        self.scalar()?.decimal_digits()
    }

    /// Returns what whole numbers must be a multiple of, where the type rounds digits before the point.
    pub(crate) fn whole_unit(&self) -> Option<i64> {
        self.scalar()?.whole_unit()
    }

    /// Returns what the microseconds of points in time must be a multiple of, where the type rounds them.
    pub(crate) fn instant_unit(&self) -> Option<i64> {
        self.scalar()?.instant_unit()
    }

    /// Returns up to which whole number, and up to how many digits in all, a floating-point type
    /// keeps different numbers apart.
    pub(crate) fn float_precision(&self) -> Option<(i64, usize)> {
        self.scalar()?.float_precision()
    }
}

fn as_domain(sql_type: &SqlType) -> Option<&DomainType> {
    match sql_type {
        SqlType::Domain(domain) => Some(domain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sql::{EnumType, SqlKind};

    fn domain(name: &str, base: SqlType, not_null: bool) -> SqlType {
        let name = TypeName::new(name);
        SqlType::Domain(Arc::new(DomainType { name, base, not_null, checks: Vec::new() }))
    }

    #[test]
    fn what_is_asked_of_a_domain_is_asked_of_its_base() {
        let short = domain("short", Scalar::Varchar(Some(12)).into(), true);
        let code = domain("code", short.clone(), false);
        assert_eq!((code.to_string().as_str(), code.length_limit()), ("code", Some(12)));
        assert!(
            code.scalar().is_some_and(Scalar::is_text)
                && code.is_not_null()
                && code.kind() == SqlKind::Text
        );
        assert_eq!(code.base(), &SqlType::Scalar(Scalar::Varchar(Some(12))));
        assert_eq!(
            code.domains().map(|one| one.name.name.as_str()).collect::<Vec<_>>(),
            ["code", "short"]
        );
        let count = domain("count", Scalar::SmallInt.into(), false);
        assert_eq!(count.integer_range(), Some((-32_768, 32_767)));
        assert!(!count.is_not_null() && count.kind() == SqlKind::SmallInt);
        assert_eq!(
            domain("share", Scalar::Real.into(), false).float_precision(),
            Some((1 << 24, 6))
        );
    }

    #[test]
    fn an_enum_under_a_domain_keeps_its_labels() {
        let labels = vec!["glad".to_owned(), "sad".to_owned()];
        let mood = EnumType { name: TypeName::new("mood"), labels: labels.clone() };
        let mood = SqlType::Enum(Arc::new(mood));
        let open = domain("open_mood", domain("any_mood", mood, false), false);
        assert_eq!(open.labels(), Some(labels.as_slice()));
        assert_eq!((open.scalar(), open.kind()), (None, SqlKind::Other));
    }

    #[test]
    fn numbers_reach_as_far_as_their_digits() {
        let range = |text: &str| text.parse::<SqlType>().unwrap().integer_range();
        assert_eq!(range("numeric(4,2)"), Some((-99, 99)));
        assert_eq!(range("numeric(3,5)"), Some((0, 0)));
        assert_eq!(range("numeric(3,-2)"), Some((-99_900, 99_900)));
        assert_eq!(range("numeric(100)"), Some((-i64::MAX, i64::MAX)));
        assert_eq!(range("real"), None);
    }

    #[test]
    fn names_are_resolved_under_arrays_too() {
        let labels = vec!["glad".to_owned()];
        let mood = EnumType { name: TypeName::new("mood"), labels };
        let mood = SqlType::Enum(Arc::new(mood));
        let find = |name: &TypeName| (name.name == "mood").then(|| mood.clone());
        let resolved = |text: &str| text.parse::<SqlType>().unwrap().resolved(find);
        assert_eq!(resolved("mood"), mood);
        let SqlType::Array(array) = resolved("mood[][]") else { panic!() };
        assert_eq!((&array.element, array.dimensions), (&mood, 2));
        assert_eq!(resolved("mode").unresolved(), Some(&TypeName::new("mode")));
        assert_eq!(resolved("text[]").unresolved(), None);
    }
}
