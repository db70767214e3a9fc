//! All that a spec says, as one sequence of texts.

use super::dataset::DatasetSpec;
use super::node::{Node, NodeKind};
use super::parameters::Parameters;
use crate::diagnostic::Located;

impl DatasetSpec {
    /// Hands out all that decides the dataset's rows and table, part by part. Specs that say the
    /// same have the same parts, whatever their origins.
    ///
    /// How many rows it has in full is left out: a contract may ask for another number.
    pub(crate) fn contents(&self, part: &mut dyn FnMut(&str)) {
        part(&self.name);
        part(&self.table.to_string());
        part(self.data_source.word());
        count(self.fields.len(), part);
        for field in &self.fields {
            part(&field.name);
            optional(field.sql_type.as_ref().map(|sql_type| sql_type.to_string()), part);
            optional(field.generator.as_deref(), part);
            part(if field.unique { "unique" } else { "" });
            part(&field.null_probability.to_bits().to_string());
            part(if field.masking { "masked" } else { "" });
            optional(field.pii_category.as_deref(), part);
            parameters(&field.parameters, part);
        }
        count(self.written.len(), part);
        for row in &self.written {
            count(row.cells.len(), part);
            for (column, value) in &row.cells {
                part(column);
                node(value, part);
            }
        }
        names(&self.key, part);
        count(self.unique.len(), part);
        self.unique.iter().for_each(|group| names(group, part));
        count(self.relationships.len(), part);
        for relationship in &self.relationships {
            names(&relationship.foreign_key, part);
            part(&relationship.dataset);
            names(&relationship.fields, part);
            part(&relationship.on_delete.to_string());
        }
        count(self.masking_rules.len(), part);
        for rule in &self.masking_rules {
            part(&rule.field);
            part(&rule.rule);
            parameters(&rule.parameters, part);
        }
        count(self.constraints.len(), part);
        for constraint in &self.constraints {
            part(&constraint.text);
        }
    }
}

/// Lists have their lengths before them, so that no part of one can be taken for one of the next.
fn count(count: usize, part: &mut dyn FnMut(&str)) {
    part(&count.to_string());
}

fn names(names: &[Located<String>], part: &mut dyn FnMut(&str)) {
    count(names.len(), part);
    names.iter().for_each(|name| part(name));
}

fn optional(text: Option<impl AsRef<str>>, part: &mut dyn FnMut(&str)) {
    match text {
        None => part("none"),
        Some(text) => {
            part("some");
            part(text.as_ref());
        }
    }
}

fn parameters(parameters: &Parameters, part: &mut dyn FnMut(&str)) {
    count(parameters.iter().count(), part);
    for (key, value) in parameters.iter() {
        part(key);
        node(value, part);
    }
}

fn node(value: &Node, part: &mut dyn FnMut(&str)) {
    match &value.kind {
        NodeKind::Scalar { text, plain } => {
            part(if *plain { "plain" } else { "quoted" });
            part(text);
        }
        NodeKind::Sequence(items) => {
            part("list");
            count(items.len(), part);
            items.iter().for_each(|item| node(item, part));
        }
        NodeKind::Mapping(entries) => {
            part("mapping");
            count(entries.len(), part);
            for (key, value) in entries {
                part(key);
                node(value, part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::definition::Definition;
    use crate::diagnostic::Source;

    const TAGS: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: tags }
spec:
  table: tags
  source: synthetic
  fields:
    - { name: id, type: integer, generator: sequence, start: 1 }
    - { name: label, type: text, generator: choice, choices: [a, b], unique: false }
    - { name: user_id, type: integer, null_probability: 0.5 }
  primary_key: label
  unique: [[label, user_id]]
  relationships:
    - { foreignKey: user_id, references: users.id, onDelete: cascade }
  masking_rules:
    - { field: label, rule: redact, with: x }
  validation:
    - { constraint: id > 0, description: ids count }
";

    fn contents(text: &str) -> Vec<String> {
        let definition = Definition::parse(Source::new("tags.yaml", text), "tags").unwrap();
        let mut parts = Vec::new();
        definition.spec.contents(&mut |part| parts.push(part.to_owned()));
        parts
    }

    #[test]
    fn all_that_decides_rows_and_table_is_among_the_contents() {
        let mut seen = HashSet::from([contents(TAGS)]);
        for (written, other) in [
            ("table: tags", "table: labels"),
            ("synthetic", "snapshot"),
            ("name: id", "name: key"),
            ("type: integer, generator", "type: bigint, generator"),
            ("generator: sequence", "generator: random_int"),
            ("start: 1", "start: 2"),
            ("start: 1", "start: '1'"),
            ("start: 1", "step: 1"),
            ("[a, b]", "[a, b, c]"),
            ("[a, b]", "[[a, b]]"),
            ("[a, b]", "[a, [b]]"),
            ("unique: false", "unique: true"),
            ("unique: false", "masking: true"),
            ("unique: false", "pii_category: name"),
            ("0.5", "0.25"),
            ("primary_key: label", "primary_key: [label, user_id]"),
            ("[[label, user_id]]", "[[user_id, label]]"),
            ("[[label, user_id]]", "[[label], [user_id]]"),
            ("users.id", "people.id"),
            (
                "user_id, references: users.id",
                "[user_id, group_id], references: { users: [id, group] }",
            ),
            ("users.id", "users.number"),
            ("cascade", "restrict"),
            ("field: label", "field: id"),
            ("rule: redact", "rule: replace_name"),
            ("with: x", "with: y"),
            ("id > 0", "id > 1"),
        ] {
            let text = TAGS.replace(written, other);
            assert_ne!(text, TAGS, "{written}");
            assert!(seen.insert(contents(&text)), "{written} -> {other}");
        }
    }

    #[test]
    fn what_decides_no_row_is_not_among_them() {
        for (written, other) in [
            ("\nmetadata", "\n# tags\nmetadata"),
            ("spec:", "spec:\n  volume: { count: 7 }"),
            ("ids count", "ids are positive"),
        ] {
            assert_eq!(contents(&TAGS.replacen(written, other, 1)), contents(TAGS), "{written}");
        }
    }
}
