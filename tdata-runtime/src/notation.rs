//! The text in which processes tell each other of servers and databases: a value on each line.

use std::sync::Arc;

use tdata_core::plan::{
    Catalog, CatalogColumn, CatalogForeignKey, CatalogOther, CatalogRows, CatalogTable,
    CatalogType, Identity,
};
use tdata_core::sql::{
    ArrayType, CompositeType, DomainCheck, DomainType, EnumType, OtherType, RangeType, Scalar,
    SqlType, TableName, TypeName,
};

/// What can be written as lines and read again.
pub(crate) trait Noted: Sized {
    /// Writes the value behind others.
    fn note(&self, notes: &mut String);

    /// Takes a value off the lines; `None` where they hold another.
    fn read(notes: &mut &str) -> Option<Self>;

    /// Writes the value alone.
    fn to_notes(&self) -> String {
        let mut notes = String::new();
        self.note(&mut notes);
        notes
    }

    /// Reads what [`Noted::to_notes`] wrote; `None` where it was cut off.
    fn of_notes(mut notes: &str) -> Option<Self> {
        let value = Self::read(&mut notes)?;
        notes.is_empty().then_some(value)
    }
}

/// Notes structs field by field.
macro_rules! noted {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl $crate::notation::Noted for $name {
            fn note(&self, notes: &mut String) {
                $($crate::notation::Noted::note(&self.$field, notes);)+
            }

            fn read(notes: &mut &str) -> Option<Self> {
                $(let $field = $crate::notation::Noted::read(notes)?;)+
                Some(Self { $($field),+ })
            }
        }
    )+};
}
pub(crate) use noted;

/// Notes what is one word.
macro_rules! noted_words {
    ($($name:ty)+) => {$(
        impl Noted for $name {
            fn note(&self, notes: &mut String) {
                notes.push_str(&self.to_string());
                notes.push('\n');
            }

            fn read(notes: &mut &str) -> Option<Self> {
                line(notes)?.parse().ok()
            }
        }
    )+};
}

/// Takes a line.
pub(crate) fn line<'a>(notes: &mut &'a str) -> Option<&'a str> {
    let (line, others) = notes.split_once('\n')?;
    *notes = others;
    Some(line)
}

noted_words!(bool i64 u16 u32 u64 usize);

noted! {
    Catalog { tables, partitions, others, types, search_path, rows, ignore_schemas }
    CatalogRows { table, count, columns, keys }
    CatalogOther { name, kind }
    CatalogTable { name, columns, primary_key, unique, nulls_equal, foreign_keys, has_children }
    CatalogType { schema, name, is_visible, sql_type }
    CatalogColumn { name, sql_type, nullable, has_default, identity, generated }
    CatalogForeignKey { name, columns, references, referenced_columns, deferrable, match_full }
    TableName { schema, name }
    TypeName { schema, name }
    EnumType { name, labels }
    DomainType { name, base, not_null, checks }
    DomainCheck { name, condition }
    ArrayType { element, dimensions }
    RangeType { name, subtype }
    CompositeType { name, attributes }
    OtherType { name, modifiers }
}

/// Notes enums by the name of the variant and what is in it.
macro_rules! noted_variants {
    ($($name:ident { $($variant:ident $(($inside:ident))?),+ })+) => {$(
        impl $crate::notation::Noted for $name {
            fn note(&self, notes: &mut String) {
                match self {
                    $(Self::$variant $(($inside))? => {
                        notes.push_str(concat!(stringify!($variant), "\n"));
                        $($crate::notation::Noted::note($inside, notes);)?
                    })+
                }
            }

            fn read(notes: &mut &str) -> Option<Self> {
                match $crate::notation::line(notes)? {
                    $(stringify!($variant) => Some(Self::$variant $({
                        0: { let $inside = $crate::notation::Noted::read(notes)?; $inside }
                    })?),)+
                    _ => None,
                }
            }
        }
    )+};
}

pub(crate) use noted_variants;

noted_variants! {
    Identity { Always, ByDefault }
    SqlType {
        Scalar(it), Enum(it), Domain(it), Array(it), Range(it), Multirange(it), Composite(it), Other(it)
    }
}

/// A scalar is noted as SQL writes it.
impl Noted for Scalar {
    fn note(&self, notes: &mut String) {
        self.to_string().note(notes);
    }

    fn read(notes: &mut &str) -> Option<Self> {
        match String::read(notes)?.parse().ok()? {
            SqlType::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
}

/// A text stands behind its length, so that anything may be in it.
impl Noted for String {
    fn note(&self, notes: &mut String) {
        self.len().note(notes);
        notes.push_str(self);
        notes.push('\n');
    }

    fn read(notes: &mut &str) -> Option<Self> {
        let length = usize::read(notes)?;
        let (text, others) = notes.split_at_checked(length)?;
        *notes = others.strip_prefix('\n')?;
        Some(text.to_owned())
    }
}

impl<T: Noted> Noted for Vec<T> {
    fn note(&self, notes: &mut String) {
        self.len().note(notes);
        self.iter().for_each(|one| one.note(notes));
    }

    fn read(notes: &mut &str) -> Option<Self> {
        (0..usize::read(notes)?).map(|_| T::read(notes)).collect()
    }
}

impl<T: Noted> Noted for Option<T> {
    fn note(&self, notes: &mut String) {
        self.is_some().note(notes);
        self.iter().for_each(|one| one.note(notes));
    }

    fn read(notes: &mut &str) -> Option<Self> {
        Some(if bool::read(notes)? { Some(T::read(notes)?) } else { None })
    }
}

impl<T: Noted> Noted for Arc<T> {
    fn note(&self, notes: &mut String) {
        T::note(self, notes);
    }

    fn read(notes: &mut &str) -> Option<Self> {
        T::read(notes).map(Self::new)
    }
}

impl<A: Noted, B: Noted> Noted for (A, B) {
    fn note(&self, notes: &mut String) {
        self.0.note(notes);
        self.1.note(notes);
    }

    fn read(notes: &mut &str) -> Option<Self> {
        Some((A::read(notes)?, B::read(notes)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let texts = vec![
            String::new(),
            "two\nlines\r\n".to_owned(),
            "a \\ and \\n".to_owned(),
            "\u{2028}é".to_owned(),
        ];
        let value = (texts, vec![(Some(-7_i64), true), (None, false)]);
        let notes = value.to_notes();
        assert_eq!(Noted::of_notes(&notes), Some(value));
    }

    #[test]
    fn types_are_read_again_with_all_their_parts() {
        let name = |name: &str| TypeName { schema: Some("a\nschema".into()), name: name.into() };
        let mood = EnumType { name: name("mood"), labels: vec!["glad".into(), "a\nb".into()] };
        let mood = SqlType::Enum(Arc::new(mood));
        let check = DomainCheck { name: "c".into(), condition: "VALUE\n<> ''".into() };
        let domain = SqlType::Domain(Arc::new(DomainType {
            name: name("open"),
            base: mood.clone(),
            not_null: true,
            checks: vec![check],
        }));
        let array = SqlType::Array(Arc::new(ArrayType { element: domain, dimensions: 2 }));
        let interval = SqlType::Scalar("interval day to second(3)".parse().map(scalar).unwrap());
        let range = Arc::new(RangeType { name: name("span"), subtype: interval });
        let other = OtherType { name: name("geometry"), modifiers: Some("point,4326".into()) };
        let attributes = vec![
            ("it".to_owned(), array),
            ("range".to_owned(), SqlType::Range(Arc::clone(&range))),
            ("ranges".to_owned(), SqlType::Multirange(range)),
            ("other".to_owned(), SqlType::Other(other)),
        ];
        let composite = CompositeType { name: name("all"), attributes };
        let value = (SqlType::Composite(Arc::new(composite)), Some(Identity::Always));
        assert_eq!(Noted::of_notes(&value.to_notes()), Some(value));
    }

    fn scalar(sql_type: SqlType) -> Scalar {
        sql_type.scalar().unwrap()
    }

    #[test]
    fn notes_that_were_cut_off_are_none() {
        let notes = vec!["users".to_owned(), "orders".to_owned()].to_notes();
        let cut = &notes[..notes.len() - "orders\n".len()];
        assert_eq!(Vec::<String>::of_notes(cut), None);
        assert_eq!(Vec::<String>::of_notes(&format!("{notes}more\n")), None);
    }
}
