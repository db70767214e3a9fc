//! The spec of one dataset.

use super::constraint::Constraint;
use super::data_source::DataSource;
use super::field::Field;
use super::masking_rule::MaskingRule;
use super::relationship::Relationship;
use super::written_row::WrittenRow;
use crate::diagnostic::Located;
use crate::sql::TableName;

/// How one dataset is made.
///
/// A definition in YAML is one way to say it; code may build it as well, with origins of its own.
///
/// ```
/// use tdata_core::definition::Library;
/// use tdata_core::diagnostic::{Located, Origin};
/// use tdata_core::spec::{DatasetSpec, Field};
/// use tdata_core::sql::TableName;
///
/// let origin = Origin::named("table tags");
/// let table = TableName { schema: None, name: "tags".into() };
/// let mut tags = DatasetSpec::new(
///     Located::new("tags".into(), origin.clone()),
///     Located::new(table, origin),
/// );
/// let origin = Origin::named("column id of tags");
/// let mut id = Field::new(Located::new("id".into(), origin.clone()));
/// id.sql_type = Some(Located::new("integer".parse().unwrap(), origin.clone()));
/// id.generator = Some(Located::new("sequence".into(), origin));
/// tags.fields.push(id);
///
/// let mut library = Library::default();
/// library.add(tags);
/// assert!(library.get("tags").unwrap().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetSpec {
    /// The dataset's name.
    pub name: Located<String>,
    /// The table the rows go into.
    pub table: Located<TableName>,
    /// The rows it has in full.
    pub rows: u64,
    /// Where rows come from.
    pub data_source: DataSource,
    /// The columns; those that only a relationship or a written row names come last.
    pub fields: Vec<Field>,
    /// The rows that are written out, where the source is [`DataSource::Rows`].
    pub written: Vec<WrittenRow>,
    /// The fields of the primary key, where the spec names them.
    pub key: Vec<Located<String>>,
    /// The groups of fields that are unique together.
    pub unique: Vec<Vec<Located<String>>>,
    /// The foreign keys, those of `reference` generators included.
    pub relationships: Vec<Relationship>,
    /// How personal data is masked.
    pub masking_rules: Vec<MaskingRule>,
    /// What must hold for each row.
    pub constraints: Vec<Constraint>,
    /// The fields whose values say on which of several databases a row is, where the spec names them.
    pub shard_key: Vec<Located<String>>,
    /// Whether each of several databases has all rows.
    pub on_every_shard: bool,
}

impl DatasetSpec {
    /// The rows of a dataset of which nothing else is said.
    pub(crate) const DEFAULT_ROWS: u64 = 100;

    /// A dataset without fields, of 100 generated rows.
    pub fn new(name: Located<String>, table: Located<TableName>) -> Self {
        Self {
            name,
            table,
            rows: Self::DEFAULT_ROWS,
            data_source: DataSource::default(),
            fields: Vec::new(),
            written: Vec::new(),
            key: Vec::new(),
            unique: Vec::new(),
            relationships: Vec::new(),
            masking_rules: Vec::new(),
            constraints: Vec::new(),
            shard_key: Vec::new(),
            on_every_shard: false,
        }
    }

    /// Returns the field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.value == name)
    }

    /// Returns the primary key that a table made from the spec has, where it is one field: the one that the
    /// spec names, else the field `id`, else the first sequence.
    pub fn primary_key(&self) -> Option<&Field> {
        match &self.key[..] {
            [] => {}
            [name] => return self.field(name),
            _ => return None,
        }
        let counts = |field: &&Field| {
            field.generator.as_ref().is_some_and(|generator| generator.value == "sequence")
        };
        self.field("id").or_else(|| self.fields.iter().find(counts))
    }

    /// Returns the fields of the primary key that a table made from the spec has.
    pub(crate) fn primary_key_fields(&self) -> Vec<&Field> {
        match self.key.len() {
            0 | 1 => self.primary_key().into_iter().collect(),
            _ => self.key.iter().filter_map(|name| self.field(name)).collect(),
        }
    }

    /// Returns the relationship that a field belongs to: the one whose key it is by itself, else the
    /// first whose key it is part of.
    pub fn relationship(&self, field: &str) -> Option<&Relationship> {
        let of = |relationship: &&Relationship| relationship.referenced(field).is_some();
        let alone =
            |relationship: &&Relationship| of(relationship) && relationship.single().is_some();
        self.relationships.iter().find(alone).or_else(|| self.relationships.iter().find(of))
    }

    /// Tells whether a row that is written out has null in a field, or leaves it out where nothing else makes its value.
    pub fn leaves_null(&self, field: &Field) -> bool {
        self.written.iter().any(|row| match row.cell(&field.name) {
            Some(value) => value.is_null(),
            None => field.generator.is_none() && self.relationship(&field.name).is_none(),
        })
    }

    /// Returns the masking rule for a field.
    pub fn masking_rule(&self, field: &str) -> Option<&MaskingRule> {
        self.masking_rules.iter().find(|rule| rule.field.value == field)
    }
}
