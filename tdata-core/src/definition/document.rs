//! A whole definition: one YAML document, parsed and checked by itself.

use std::collections::HashSet;
use std::sync::Arc;

use super::constraint::Constraint;
use super::data_source::DataSource;
use super::database::Database;
use super::field::Field;
use super::keys::Keys;
use super::masking_rule::MaskingRule;
use super::node::{Node, NodeKind, parse_document};
use super::refresh::Refresh;
use super::relationship::Relationship;
use super::table::TableName;
use super::version::Version;
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span, Spanned};

/// The format's name, as `apiVersion` gives it.
pub const API_VERSION: &str = "data.automation/v1";

/// How one dataset is made.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// The dataset's name.
    pub name: Spanned<String>,
    /// What the dataset belongs to; informational.
    pub namespace: Option<String>,
    /// The definition's version.
    pub version: Option<Version>,
    /// What people should know about the dataset.
    pub description: Option<String>,
    /// Where rows come from.
    pub data_source: DataSource,
    /// The database for use outside tests.
    pub database: Option<Database>,
    /// The table the rows go into.
    pub table: Spanned<TableName>,
    /// The dataset's full size, in rows.
    pub count: u64,
    /// The columns; those that only a relationship names come last.
    pub fields: Vec<Field>,
    /// The foreign keys, those of `reference` generators included.
    pub relationships: Vec<Relationship>,
    /// How personal data is masked.
    pub masking_rules: Vec<MaskingRule>,
    /// What must hold for each row.
    pub validation: Vec<Constraint>,
    /// How the dataset is kept fresh.
    pub refresh: Option<Refresh>,
}

#[derive(Clone, Copy)]
enum Kind {
    DataDefinition,
}

#[derive(Clone, Copy)]
enum VolumeDistribution {
    Uniform,
}

impl Definition {
    /// Parses a definition and checks all that can be checked without the others.
    ///
    /// `stem` is the file's name without its ending; the dataset must bear it.
    ///
    /// # Errors
    ///
    /// Every mistake in the text, each with its line.
    ///
    /// ```
    /// use tdata_core::definition::Definition;
    /// use tdata_core::diagnostic::Source;
    ///
    /// let text = "
    /// apiVersion: data.automation/v1
    /// kind: DataDefinition
    /// metadata: { name: tags }
    /// spec:
    ///   table: tags
    ///   fields:
    ///     - { name: id, type: integer, generator: sequence }
    /// ";
    /// let tags = Definition::parse(Source::new("tags.yaml", text), "tags").unwrap();
    /// assert_eq!(tags.fields[0].name.value, "id");
    /// ```
    pub fn parse(source: Arc<Source>, stem: &str) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let root = parse_document(&source, &mut diagnostics);
        let definition = root.and_then(|root| read_root(&root, &source, stem, &mut diagnostics));
        if let Some(definition) = &definition {
            definition.check(&mut diagnostics);
        }
        match definition {
            Some(definition) if diagnostics.is_empty() => Ok(definition),
            _ => {
                diagnostics.sort_by_place();
                Err(diagnostics)
            }
        }
    }

    /// Returns the field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.value == name)
    }

    /// Returns the primary key that a table made from the definition has: the field `id`, else the
    /// first sequence.
    pub fn primary_key(&self) -> Option<&Field> {
        let counts = |field: &&Field| {
            field.generator.as_ref().is_some_and(|generator| generator.value == "sequence")
        };
        self.field("id").or_else(|| self.fields.iter().find(counts))
    }

    /// Returns the masking rule for a field.
    pub fn masking_rule(&self, field: &str) -> Option<&MaskingRule> {
        self.masking_rules.iter().find(|rule| rule.field.value == field)
    }

    /// Starts a diagnostic that points into this definition.
    pub(crate) fn diagnostic(
        &self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
    ) -> Diagnostic {
        Diagnostic::new(code, message).at(&self.source, span, "")
    }

    fn check(&self, diagnostics: &mut Diagnostics) {
        let names = || self.fields.iter().map(|field| field.name.value.as_str());
        let mut seen = HashSet::new();
        for field in &self.fields {
            if !seen.insert(field.name.value.as_str()) {
                let message = format!("the field `{}` is defined twice", field.name.value);
                diagnostics.push(self.diagnostic(
                    "definition::duplicate",
                    message,
                    field.name.span,
                ));
            }
        }
        let mut masked = HashSet::new();
        for rule in &self.masking_rules {
            if self.field(&rule.field).is_none() {
                let message = format!("the masking rule names no field `{}`", rule.field.value);
                let diagnostic =
                    self.diagnostic("definition::unknown_field", message, rule.field.span);
                diagnostics.push(diagnostic.did_you_mean(&rule.field, names()));
            } else if !masked.insert(rule.field.value.as_str()) {
                let message = format!("the field `{}` has two masking rules", rule.field.value);
                diagnostics.push(self.diagnostic(
                    "definition::duplicate",
                    message,
                    rule.field.span,
                ));
            }
        }
        let mut keys = HashSet::new();
        for relationship in &self.relationships {
            let key = &relationship.foreign_key;
            if !keys.insert(key.value.as_str()) {
                let message = format!("the foreign key `{}` has two relationships", key.value);
                diagnostics.push(self.diagnostic("definition::duplicate", message, key.span));
            }
        }
    }
}

fn read_root(
    root: &Node,
    source: &Arc<Source>,
    stem: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Definition> {
    let mut keys = Keys::open(root, "a definition", source, diagnostics)?;
    let api_version = keys.required_text("apiVersion");
    if let Some(api_version) = api_version.filter(|version| version.value != API_VERSION) {
        let message = format!("`{}` is not a format this tdata reads", api_version.value);
        keys.invalid(api_version.span, message, &format!("write `apiVersion: {API_VERSION}`"));
    }
    keys.required_word("kind", &[("DataDefinition", Kind::DataDefinition)]);
    let metadata = keys.required("metadata");
    let metadata = metadata.and_then(|node| Metadata::read(&node, &mut keys));
    if let Some(name) = metadata.as_ref().and_then(|metadata| metadata.name.as_ref())
        && name.value != stem
    {
        let message = format!("the dataset `{}` stands in a file named `{stem}`", name.value);
        let help = format!("call it `{stem}`, or the file `{}.yaml`", name.value);
        keys.invalid(name.span, message, &help);
    }
    let spec = keys.required("spec");
    let spec = spec.and_then(|node| Spec::read(&node, &mut keys));
    keys.finish();
    // What is missing was told; a stand-in lets the rest be checked.
    let (metadata, spec) = (metadata.unwrap_or_default(), spec?);
    Some(Definition {
        source: Arc::clone(source),
        name: metadata.name.unwrap_or_else(|| Spanned::new(stem.to_owned(), root.span)),
        namespace: metadata.namespace,
        version: metadata.version,
        description: metadata.description,
        data_source: spec.data_source,
        database: spec.database,
        table: spec.table,
        count: spec.count,
        fields: spec.fields,
        relationships: spec.relationships,
        masking_rules: spec.masking_rules,
        validation: spec.validation,
        refresh: spec.refresh,
    })
}

#[derive(Default)]
struct Metadata {
    name: Option<Spanned<String>>,
    namespace: Option<String>,
    version: Option<Version>,
    description: Option<String>,
}

impl Metadata {
    fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let source = keys.source();
        let mut keys = Keys::open(node, "`metadata`", source, keys.diagnostics())?;
        let name = keys.required_text("name");
        let namespace = keys.optional_text("namespace").map(|text| text.value);
        let version = keys.optional_parsed("version", "a version such as `v1.2.0`");
        let description = keys.optional_text("description").map(|text| text.value);
        keys.finish();
        let version = version.map(|version| version.value);
        Some(Self { name, namespace, version, description })
    }
}

struct Spec {
    data_source: DataSource,
    database: Option<Database>,
    table: Spanned<TableName>,
    count: u64,
    fields: Vec<Field>,
    relationships: Vec<Relationship>,
    masking_rules: Vec<MaskingRule>,
    validation: Vec<Constraint>,
    refresh: Option<Refresh>,
}

/// The size of a dataset whose definition names none, in rows.
const DEFAULT_COUNT: u64 = 100;

impl Spec {
    fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let source = keys.source();
        let mut keys = Keys::open(node, "`spec`", source, keys.diagnostics())?;
        let data_source = keys.optional_word("source", DataSource::WORDS);
        let database = keys.optional("database");
        let database = database.and_then(|node| Database::read(&node, &mut keys));
        let table = read_table(&mut keys);
        let volume = keys.optional("volume");
        let count = volume.and_then(|node| read_volume(&node, &mut keys));
        let field_list = keys.required("fields");
        let empty =
            |node: &&Node| matches!(&node.kind, NodeKind::Sequence(items) if items.is_empty());
        let empty = field_list.as_ref().filter(empty).map(|node| node.span);
        let field_nodes = keys.list("fields", field_list);
        let mut fields: Vec<Field> =
            field_nodes.iter().filter_map(|node| Field::read(node, &mut keys)).collect();
        let relationships = keys.optional_list("relationships");
        let mut relationships: Vec<Relationship> =
            relationships.iter().filter_map(|node| Relationship::read(node, &mut keys)).collect();
        let masking_rules = keys.optional_list("masking_rules");
        let masking_rules =
            masking_rules.iter().filter_map(|node| MaskingRule::read(node, &mut keys)).collect();
        let validation = keys.optional_list("validation");
        let validation =
            validation.iter().filter_map(|node| Constraint::read(node, &mut keys)).collect();
        let refresh = keys.optional("refresh");
        let refresh = refresh.and_then(|node| Refresh::read(&node, &mut keys));
        join_keys(&mut fields, &mut relationships, &mut keys);
        if let Some(span) = empty.filter(|_| fields.is_empty()) {
            keys.invalid(span, "a dataset needs a field", "add `- { name: id, ... }`");
        }
        keys.finish();
        Some(Self {
            data_source: data_source.map_or_else(DataSource::default, |word| word.value),
            database,
            table: table.unwrap_or_else(|| nowhere(node.span)),
            count: count.unwrap_or(DEFAULT_COUNT),
            fields,
            relationships,
            masking_rules,
            validation,
            refresh,
        })
    }
}

fn read_table(keys: &mut Keys<'_>) -> Option<Spanned<TableName>> {
    let text = keys.required_text("table")?;
    let table = TableName::parse(&text);
    if table.is_none() {
        let message = format!("`{}` cannot name a table", text.value);
        keys.invalid(text.span, message, "write `table` or `schema.table`, 63 bytes each at most");
    }
    Some(Spanned::new(table?, text.span))
}

/// Stands in for a table whose name is missing or wrong, which was told.
fn nowhere(span: Span) -> Spanned<TableName> {
    Spanned::new(TableName { schema: None, name: String::new() }, span)
}

fn read_volume(node: &Node, keys: &mut Keys<'_>) -> Option<u64> {
    let source = keys.source();
    let mut keys = Keys::open(node, "`volume`", source, keys.diagnostics())?;
    let count = keys.optional_parsed("count", "a number of rows");
    keys.optional_word("distribution", &[("uniform", VolumeDistribution::Uniform)]);
    keys.finish();
    count.map(|count| count.value)
}

fn join_keys(fields: &mut Vec<Field>, relationships: &mut Vec<Relationship>, keys: &mut Keys<'_>) {
    let named = |fields: &[Field], name: &str| fields.iter().any(|field| field.name.value == name);
    for relationship in relationships.iter() {
        if !named(fields, &relationship.foreign_key) {
            fields.push(Field::implied(relationship.foreign_key.clone()));
        }
    }
    for field in fields.iter() {
        let relationship = relationships
            .iter()
            .find(|relationship| relationship.foreign_key.value == field.name.value);
        match (&field.generator, relationship) {
            (None, None) => {
                let message = format!("the field `{}` has no generator", field.name.value);
                let help = "add `generator: ...`, or a relationship whose foreignKey it is";
                keys.invalid(field.name.span, message, help);
            }
            (Some(generator), None) if generator.value == "reference" => {
                relationships.extend(implied_relationship(field, keys));
            }
            (Some(generator), Some(_)) if !matches!(&*generator.value, "reference" | "null") => {
                let message = format!(
                    "the foreign key `{}` is made by `{}`, whose values need not exist in the \
                     table it references",
                    field.name.value, generator.value
                );
                keys.invalid(generator.span, message, "use `generator: reference`, or none");
            }
            (Some(_), Some(relationship)) => check_same_target(field, relationship, keys),
            _ => {}
        }
    }
}

/// A `reference` generator is a foreign key also where no relationship says so.
fn implied_relationship(field: &Field, keys: &mut Keys<'_>) -> Option<Relationship> {
    let parameter = |key: &str| {
        let node = field.parameters.get(key)?;
        Some(Spanned::new(node.as_text()?.to_owned(), node.span))
    };
    let (Some(dataset), Some(target)) =
        (parameter("reference_table"), parameter("reference_field"))
    else {
        let message = format!("the reference `{}` does not say to what", field.name.value);
        let help = "add `reference_table` and `reference_field`, or a relationship";
        keys.invalid(field.name.span, message, help);
        return None;
    };
    Some(Relationship {
        foreign_key: field.name.clone(),
        dataset,
        field: target,
        on_delete: Default::default(),
    })
}

fn check_same_target(field: &Field, relationship: &Relationship, keys: &mut Keys<'_>) {
    for (key, target) in
        [("reference_table", &relationship.dataset), ("reference_field", &relationship.field)]
    {
        if let Some(node) = field.parameters.get(key)
            && node.as_text() != Some(&target.value)
        {
            let message = format!(
                "`{}` references `{}` here and `{}.{}` in its relationship",
                field.name.value,
                node.as_text().unwrap_or_default(),
                relationship.dataset.value,
                relationship.field.value,
            );
            keys.invalid(node.span, message, "let both say the same, or drop one");
        }
    }
}
