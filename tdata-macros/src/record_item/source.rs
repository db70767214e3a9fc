//! Where a record's rows are.

use std::path::Path;
use std::sync::Arc;

use syn::LitStr;
use tdata_core::diagnostic::Diagnostics;
use tdata_core::spec::{DatasetSpec, Field, NodeKind, Relationship};
use tdata_core::sql::{SqlKind, SqlType};

use crate::definitions::Definitions;
use crate::mistakes::with_help;

/// Where a record's rows are.
#[derive(Clone)]
pub(crate) enum RecordSource {
    /// In memory only.
    Memory,
    /// In a table that no definition describes.
    Table(LitStr),
    /// In the table of a dataset.
    Dataset(RecordDataset),
}

/// The dataset of a record.
#[derive(Clone)]
pub(crate) struct RecordDataset {
    /// Its name, where it is written.
    pub(crate) name: LitStr,
    /// Its spec, first, and those of all that its relationships bring along.
    pub(crate) closure: Vec<Arc<DatasetSpec>>,
    /// The project's definitions, of which these are.
    pub(crate) definitions: Arc<Definitions>,
}

impl RecordDataset {
    /// Finds a dataset of the project.
    ///
    /// # Errors
    ///
    /// When there is none, or a definition that it needs is wrong.
    pub(crate) fn find(name: &LitStr, definitions: Arc<Definitions>) -> Result<Self, Diagnostics> {
        let closure = definitions.library.closure([name.value().as_str()])?;
        Ok(Self { name: name.clone(), closure, definitions })
    }

    /// Returns the dataset's own spec.
    pub(crate) fn spec(&self) -> &DatasetSpec {
        &self.closure[0]
    }

    /// Returns what messages call the definition's file: `users.yaml`.
    pub(crate) fn file_name(&self) -> String {
        let name = &self.spec().name.value;
        let file = self.definitions.library.path(name).and_then(Path::file_name);
        file.map_or_else(|| format!("{name}.yaml"), |file| file.to_string_lossy().into_owned())
    }

    /// Says why no record can be made of the dataset, where its definition names no fields: the columns of rows that
    /// nobody generates are known to the database alone.
    pub(crate) fn without_fields(&self) -> Option<String> {
        let (spec, file) = (self.spec(), self.file_name());
        spec.fields.is_empty().then(|| {
            let message = format!(
                "{file} names no fields, so a record of `{}` would have none",
                spec.name.value
            );
            let help = format!(
                "write the columns that the record is to have into {file}, such as:\n\
                 \x20 fields:\n\
                 \x20   - {{ name: id, type: integer }}\n\
                 or write a struct with `#[derive(Record)]` and `#[record(table = \"{}\")]`",
                spec.table.written()
            );
            with_help(&message, &help)
        })
    }

    /// Returns the relationship whose foreign key a field is, and what it references.
    pub(crate) fn reference(&self, field: &Field) -> Option<(&Relationship, &DatasetSpec)> {
        self.reference_of(self.spec(), field)
    }

    /// Returns the relationship of several fields that a field is part of.
    pub(crate) fn larger_key(&self, field: &str) -> Option<&Relationship> {
        let mut relationships = self.spec().relationships.iter();
        relationships.find(|one| one.foreign_key.len() > 1 && one.referenced(field).is_some())
    }

    fn reference_of<'a>(
        &'a self,
        spec: &'a DatasetSpec,
        field: &Field,
    ) -> Option<(&'a Relationship, &'a DatasetSpec)> {
        let relationship = spec.relationship(&field.name)?;
        let library = &self.definitions.library;
        let parent = library.get(library.referenced(relationship)?)?.ok()?;
        Some((relationship, parent))
    }

    /// Returns a field's type: for a foreign key without one, that of the field it references.
    pub(crate) fn sql_type(&self, field: &Field) -> Option<SqlType> {
        let (mut spec, mut field) = (self.spec(), field);
        // Definitions may reference each other in a circle.
        for _ in 0..=self.closure.len() {
            if let Some(sql_type) = &field.sql_type {
                return Some(sql_type.value.clone());
            }
            let (relationship, parent) = self.reference_of(spec, field)?;
            (spec, field) = (parent, parent.field(relationship.referenced(&field.name)?)?);
        }
        None
    }

    /// Tells whether some of a field's values are null: its own, or those it references.
    pub(crate) fn is_nullable(&self, field: &Field) -> bool {
        let referenced = || {
            let (relationship, parent) = self.reference(field)?;
            parent.field(relationship.referenced(&field.name)?)
        };
        field.is_nullable()
            || self.spec().leaves_null(field)
            || referenced().is_some_and(Field::is_nullable)
    }

    /// Returns the texts that a field's values are: its choices, unless a mask makes others of them.
    pub(crate) fn choices(&self, field: &Field) -> Option<Vec<String>> {
        let kind = self.sql_type(field)?.kind();
        let texts = matches!(kind, SqlKind::Text | SqlKind::Other);
        choices(self.spec(), field).filter(|_| texts)
    }
}

/// Returns what a field's generator chooses among, unless a mask makes others of it.
pub(crate) fn choices(spec: &DatasetSpec, field: &Field) -> Option<Vec<String>> {
    if field.generator.as_ref()?.value != "choice" || is_masked(spec, field) {
        return None;
    }
    let NodeKind::Sequence(choices) = &field.parameters.get("choices")?.kind else { return None };
    choices.iter().map(|choice| choice.as_text().map(str::to_owned)).collect()
}

/// Tells whether a field's values are masked.
pub(crate) fn is_masked(spec: &DatasetSpec, field: &Field) -> bool {
    field.masking || spec.masking_rule(&field.name).is_some()
}

impl RecordSource {
    /// Returns the dataset, where there is one.
    pub(crate) fn dataset(&self) -> Option<&RecordDataset> {
        match self {
            Self::Dataset(dataset) => Some(dataset),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use tdata_core::sql::Scalar;

    use super::*;

    fn users() -> RecordDataset {
        let definitions = Definitions::of_this_package().unwrap();
        RecordDataset::find(&LitStr::new("users", Span::call_site()), definitions).unwrap()
    }

    #[test]
    fn an_implied_foreign_key_has_the_type_of_what_it_references() {
        let users = users();
        let field = users.spec().field("account_id").unwrap();
        assert_eq!(field.sql_type, None);
        assert_eq!(users.sql_type(field), Some(SqlType::Scalar(Scalar::Integer)));
        assert_eq!(users.reference(field).unwrap().1.name.value, "accounts");
        assert!(!users.is_nullable(field));
        assert_eq!(users.file_name(), "users.yaml");
    }

    #[test]
    fn choices_are_those_of_the_generator() {
        let users = users();
        let choices = |field| users.choices(users.spec().field(field).unwrap());
        assert_eq!(choices("status").unwrap(), ["active", "inactive", "suspended"]);
        assert_eq!(choices("email"), None);
    }
}
