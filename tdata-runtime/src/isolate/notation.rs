//! The text in which processes tell each other of databases: a value on each line.

use std::str::Lines;
use std::sync::Arc;

use tdata_core::plan::{Catalog, CatalogColumn, CatalogForeignKey, CatalogTable};
use tdata_core::sql::{SqlType, TableName};

/// What can be written as lines and read again.
pub(super) trait Noted: Sized {
    /// Writes the value behind others.
    fn note(&self, notes: &mut String);

    /// Reads a value; `None` where the lines hold another.
    fn read(notes: &mut Lines<'_>) -> Option<Self>;

    /// Writes the value alone.
    fn to_notes(&self) -> String {
        let mut notes = String::new();
        self.note(&mut notes);
        notes
    }

    /// Reads what [`Noted::to_notes`] wrote; `None` where it was cut off.
    fn of_notes(notes: &str) -> Option<Self> {
        let mut lines = notes.lines();
        let value = Self::read(&mut lines)?;
        lines.next().is_none().then_some(value)
    }
}

/// Notes structs field by field.
macro_rules! noted {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl $crate::isolate::notation::Noted for $name {
            fn note(&self, notes: &mut String) {
                $($crate::isolate::notation::Noted::note(&self.$field, notes);)+
            }

            fn read(notes: &mut std::str::Lines<'_>) -> Option<Self> {
                $(let $field = $crate::isolate::notation::Noted::read(notes)?;)+
                Some(Self { $($field),+ })
            }
        }
    )+};
}
pub(super) use noted;

/// Notes what is one word.
macro_rules! noted_words {
    ($($name:ty)+) => {$(
        impl Noted for $name {
            fn note(&self, notes: &mut String) {
                notes.push_str(&self.to_string());
                notes.push('\n');
            }

            fn read(notes: &mut Lines<'_>) -> Option<Self> {
                notes.next()?.parse().ok()
            }
        }
    )+};
}

noted_words!(bool i64 u32 u64 usize);

noted! {
    Catalog { tables, types, default_schema, ignore_schemas }
    CatalogTable { name, columns, primary_key, unique, foreign_keys }
    CatalogColumn { name, sql_type, enum_labels, nullable, has_default, generated }
    CatalogForeignKey { name, columns, references, referenced_columns, deferrable }
    TableName { schema, name }
}

/// Texts are quoted, so that they are one line whatever is in them.
impl Noted for String {
    fn note(&self, notes: &mut String) {
        for c in self.chars() {
            match c {
                '\\' => notes.push_str("\\\\"),
                '\n' => notes.push_str("\\n"),
                '\r' => notes.push_str("\\r"),
                c => notes.push(c),
            }
        }
        notes.push('\n');
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        let line = notes.next()?;
        let mut text = Self::with_capacity(line.len());
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            text.push(match c {
                '\\' => match chars.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    c => c,
                },
                c => c,
            });
        }
        Some(text)
    }
}

impl<T: Noted> Noted for Vec<T> {
    fn note(&self, notes: &mut String) {
        self.len().note(notes);
        self.iter().for_each(|one| one.note(notes));
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        (0..usize::read(notes)?).map(|_| T::read(notes)).collect()
    }
}

impl<T: Noted> Noted for Option<T> {
    fn note(&self, notes: &mut String) {
        self.is_some().note(notes);
        self.iter().for_each(|one| one.note(notes));
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        Some(if bool::read(notes)? { Some(T::read(notes)?) } else { None })
    }
}

impl<T: Noted> Noted for Arc<T> {
    fn note(&self, notes: &mut String) {
        T::note(self, notes);
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        T::read(notes).map(Self::new)
    }
}

impl<A: Noted, B: Noted> Noted for (A, B) {
    fn note(&self, notes: &mut String) {
        self.0.note(notes);
        self.1.note(notes);
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        Some((A::read(notes)?, B::read(notes)?))
    }
}

impl Noted for () {
    fn note(&self, _: &mut String) {}

    fn read(_: &mut Lines<'_>) -> Option<Self> {
        Some(())
    }
}

impl Noted for SqlType {
    fn note(&self, notes: &mut String) {
        self.to_string().note(notes);
    }

    fn read(notes: &mut Lines<'_>) -> Option<Self> {
        let name = String::read(notes)?;
        Some(name.parse().unwrap_or(Self::Named(name)))
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
    fn notes_that_were_cut_off_are_none() {
        let notes = vec!["users".to_owned(), "orders".to_owned()].to_notes();
        let cut = &notes[..notes.len() - "orders\n".len()];
        assert_eq!(Vec::<String>::of_notes(cut), None);
        assert_eq!(Vec::<String>::of_notes(&format!("{notes}more\n")), None);
    }
}
