//! What a spec implies, and what can be checked without the others.

use std::collections::{HashMap, HashSet};

use super::data_source::DataSource;
use super::dataset::DatasetSpec;
use super::field::Field;
use super::relationship::Relationship;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin, nearest};
use crate::sql::is_identifier;

/// The columns that PostgreSQL gives every table.
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The most columns of a table in PostgreSQL.
const MOST_COLUMNS: usize = 1_600;

impl DatasetSpec {
    /// Adds what the spec implies, and tells all that is wrong with it by itself.
    ///
    /// A key that only a relationship names is a field, and a field made by `reference` has a
    /// relationship.
    pub(crate) fn complete(&mut self, diagnostics: &mut Diagnostics) {
        self.add_implied_fields(diagnostics);
        if let Some(field) = self.fields.get(MOST_COLUMNS) {
            let message = format!("`{}` has {} fields", self.name.value, self.fields.len());
            let help = format!("PostgreSQL's tables have at most {MOST_COLUMNS} columns");
            diagnostics.push(invalid(message, &field.name.origin, &help));
            return;
        }
        self.join_keys(diagnostics);
        self.check_names(diagnostics);
    }

    fn add_implied_fields(&mut self, diagnostics: &mut Diagnostics) {
        let mut named: HashSet<String> =
            self.fields.iter().map(|field| field.name.value.clone()).collect();
        let keys = self.relationships.iter().flat_map(|relationship| &relationship.foreign_key);
        let written = self.written.iter().flat_map(|row| row.cells.iter().map(|(name, _)| name));
        for key in keys.chain(written) {
            if named.insert(key.value.clone()) {
                if !is_identifier(&key.value) {
                    let message = format!("`{}` cannot name a column", key.value);
                    let help =
                        "PostgreSQL's names have 1 to 63 bytes; here also no dots and blanks";
                    diagnostics.push(invalid(message, &key.origin, help));
                }
                self.fields.push(Field::new(key.clone()));
            }
        }
    }

    fn join_keys(&mut self, diagnostics: &mut Diagnostics) {
        let mut implied: Vec<Relationship> = Vec::new();
        // The first key of each field by itself, and the first that it is part of.
        let mut own: HashMap<&str, &Relationship> = HashMap::new();
        let mut shared: HashMap<&str, &Relationship> = HashMap::new();
        for relationship in &self.relationships {
            let keys = if relationship.single().is_some() { &mut own } else { &mut shared };
            for (name, _) in relationship.pairs() {
                keys.entry(&name.value).or_insert(relationship);
            }
        }
        let mut implied_keys = HashSet::new();
        for field in &self.fields {
            let name = field.name.value.as_str();
            // A field of a larger key may reference a dataset by itself as well.
            let says_target = field.parameters.get("reference_table").is_some();
            let larger = || shared.get(name).filter(|_| !says_target);
            let relationship = own.get(name).or_else(larger).copied();
            // A field that is there twice has one relationship.
            if relationship.is_none() && implied_keys.contains(name) {
                continue;
            }
            match (&field.generator, relationship) {
                // Its values are given.
                (None, None) if self.data_source.is_given() => {}
                (None, None) => {
                    let message = format!("the field `{}` has no generator", field.name.value);
                    // A key that nobody knows is taken for a parameter of the generator that it was to name.
                    let misspelled = field.parameters.keys().find(|key| is_meant(&key.value));
                    match misspelled {
                        Some(key) => {
                            let help =
                                format!("`{}` is no key: did you mean `generator`?", key.value);
                            diagnostics.push(invalid(message, &key.origin, &help));
                        }
                        None => {
                            let help =
                                "add `generator: ...`, or a relationship whose foreignKey it is";
                            diagnostics.push(invalid(message, &field.name.origin, help));
                        }
                    }
                }
                (Some(generator), None) if generator.value == "reference" => {
                    if let Some(relationship) = implied_relationship(field, diagnostics) {
                        implied.push(relationship);
                        implied_keys.insert(name);
                    }
                }
                (Some(generator), Some(_))
                    if !matches!(&*generator.value, "reference" | "null") =>
                {
                    let message = format!(
                        "the foreign key `{}` is made by `{}`, whose values need not exist in the \
                         table it references",
                        field.name.value, generator.value
                    );
                    let help = "use `generator: reference`, or none";
                    diagnostics.push(invalid(message, &generator.origin, help));
                }
                (Some(_), Some(relationship)) => {
                    check_same_target(field, relationship, diagnostics);
                }
                _ => {}
            }
        }
        self.relationships.extend(implied);
    }

    fn check_names(&self, diagnostics: &mut Diagnostics) {
        let names = || self.fields.iter().map(|field| field.name.value.as_str());
        for name in self.fields.iter().map(|field| &field.name) {
            if SYSTEM_COLUMNS.contains(&name.value.as_str()) {
                let message =
                    format!("every table has a column `{}` of PostgreSQL's own", name.value);
                diagnostics.push(invalid(message, &name.origin, "give the field another name"));
            }
        }
        let mut twice = |message: String, origin: &Origin| {
            diagnostics.push(Diagnostic::new("definition::duplicate", message).at(origin));
        };
        let mut named = HashSet::new();
        for field in &self.fields {
            if !named.insert(field.name.value.as_str()) {
                let message = format!("the field `{}` is defined twice", field.name.value);
                twice(message, &field.name.origin);
            }
        }
        let mut masked = HashSet::new();
        for rule in &self.masking_rules {
            let field = rule.field.value.as_str();
            if named.contains(field) && !masked.insert(field) {
                let message = format!("the field `{}` has two masking rules", rule.field.value);
                twice(message, &rule.field.origin);
            }
        }
        let mut keys = HashSet::new();
        for relationship in &self.relationships {
            let key = relationship.key_text();
            if !keys.insert(key.clone()) {
                let message = format!("the foreign key `{key}` has two relationships");
                if let Some(first) = relationship.foreign_key.first() {
                    twice(message, &first.origin);
                }
            }
        }
        let lists = self.relationships.iter().map(|relationship| &relationship.foreign_key);
        for list in lists.chain(&self.unique).chain([&self.key, &self.shard_key]) {
            let mut seen = HashSet::new();
            for name in list.iter().filter(|name| !seen.insert(name.value.as_str())) {
                twice(format!("`{}` is in the list twice", name.value), &name.origin);
            }
        }
        // The columns of rows that are there already are those of their table.
        let is_open = self.data_source == DataSource::Existing;
        for name in self.unique.iter().flatten().chain(&self.key).chain(&self.shard_key) {
            if !named.contains(name.value.as_str()) && !is_open {
                let message = format!("there is no field `{}`", name.value);
                diagnostics.push_with(|| unknown_field(message, name, names()));
            }
        }
        for rule in &self.masking_rules {
            if self.data_source.is_given() {
                let message = "rows that are given are taken as they are, and not masked";
                diagnostics.push(invalid(message.to_owned(), &rule.origin, "drop the rule"));
            } else if !named.contains(rule.field.value.as_str()) {
                let message = format!("the masking rule names no field `{}`", rule.field.value);
                diagnostics.push_with(|| unknown_field(message, &rule.field, names()));
            }
        }
    }
}

fn unknown_field<'a>(
    message: String,
    name: &Located<String>,
    names: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let diagnostic = Diagnostic::new("definition::unknown_field", message);
    diagnostic.at(&name.origin).did_you_mean(name, names)
}

fn invalid(message: String, origin: &Origin, help: &str) -> Diagnostic {
    Diagnostic::new("definition::value", message).at(origin).help(help)
}

/// Tells whether a key was meant for the generator's.
fn is_meant(key: &str) -> bool {
    nearest(key, ["generator"]).is_some()
}

/// A `reference` generator is a foreign key also where no relationship says so.
fn implied_relationship(field: &Field, diagnostics: &mut Diagnostics) -> Option<Relationship> {
    let parameter = |key: &str| {
        let node = field.parameters.get(key)?;
        Some(Located::new(node.as_text()?.to_owned(), node.origin.clone()))
    };
    let (Some(dataset), Some(target)) =
        (parameter("reference_table"), parameter("reference_field"))
    else {
        let message = format!("the reference `{}` does not say to what", field.name.value);
        let help = "add `reference_table` and `reference_field`, or a relationship";
        diagnostics.push(invalid(message, &field.name.origin, help));
        return None;
    };
    Some(Relationship {
        foreign_key: vec![field.name.clone()],
        dataset,
        fields: vec![target],
        on_delete: Default::default(),
    })
}

fn check_same_target(field: &Field, relationship: &Relationship, diagnostics: &mut Diagnostics) {
    let Some((_, referenced)) = relationship.single() else { return };
    for (key, target) in
        [("reference_table", &relationship.dataset), ("reference_field", referenced)]
    {
        if let Some(node) = field.parameters.get(key)
            && node.as_text() != Some(&target.value)
        {
            let message = format!(
                "`{}` references `{}` here and `{}.{}` in its relationship",
                field.name.value,
                node.as_text().unwrap_or_default(),
                relationship.dataset.value,
                referenced.value,
            );
            let help = "let both say the same, or drop one";
            diagnostics.push(invalid(message, &node.origin, help));
        }
    }
}
