//! What a spec implies, and what can be checked without the others.

use std::collections::HashSet;

use super::dataset::DatasetSpec;
use super::field::Field;
use super::relationship::Relationship;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin};

impl DatasetSpec {
    /// Adds what the spec implies, and tells all that is wrong with it by itself.
    ///
    /// A key that only a relationship names is a field, and a field made by `reference` has a
    /// relationship.
    pub(crate) fn complete(&mut self, diagnostics: &mut Diagnostics) {
        self.add_implied_fields();
        self.join_keys(diagnostics);
        self.check_names(diagnostics);
    }

    fn add_implied_fields(&mut self) {
        for key in self.relationships.iter().flat_map(|relationship| &relationship.foreign_key) {
            if !self.fields.iter().any(|field| field.name.value == key.value) {
                self.fields.push(Field::new(key.clone()));
            }
        }
    }

    fn join_keys(&mut self, diagnostics: &mut Diagnostics) {
        let mut implied = Vec::new();
        for field in &self.fields {
            // A field that is there twice has one relationship.
            let relationships = || self.relationships.iter().chain(&implied);
            let of = |relationship: &&Relationship| relationship.referenced(&field.name).is_some();
            let own = relationships().filter(of).find(|one| one.single().is_some());
            // A field of a larger key may reference a dataset by itself as well.
            let says_target = field.parameters.get("reference_table").is_some();
            let relationship = own.or_else(|| relationships().find(|one| of(one) && !says_target));
            match (&field.generator, relationship) {
                (None, None) => {
                    let message = format!("the field `{}` has no generator", field.name.value);
                    let help = "add `generator: ...`, or a relationship whose foreignKey it is";
                    diagnostics.push(invalid(message, &field.name.origin, help));
                }
                (Some(generator), None) if generator.value == "reference" => {
                    implied.extend(implied_relationship(field, diagnostics));
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
        let mut twice = |message: String, origin: &Origin| {
            diagnostics.push(Diagnostic::new("definition::duplicate", message).at(origin));
        };
        let mut seen = HashSet::new();
        for field in &self.fields {
            if !seen.insert(field.name.value.as_str()) {
                let message = format!("the field `{}` is defined twice", field.name.value);
                twice(message, &field.name.origin);
            }
        }
        let mut masked = HashSet::new();
        for rule in &self.masking_rules {
            if self.field(&rule.field).is_some() && !masked.insert(rule.field.value.as_str()) {
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
        for list in lists.chain(&self.unique).chain([&self.key]) {
            let mut seen = HashSet::new();
            for name in list.iter().filter(|name| !seen.insert(name.value.as_str())) {
                twice(format!("`{}` is in the list twice", name.value), &name.origin);
            }
        }
        for name in self.unique.iter().flatten().chain(&self.key) {
            if self.field(name).is_none() {
                let message = format!("there is no field `{}`", name.value);
                let diagnostic = Diagnostic::new("definition::unknown_field", message);
                diagnostics.push(diagnostic.at(&name.origin).did_you_mean(name, names()));
            }
        }
        for rule in self.masking_rules.iter().filter(|rule| self.field(&rule.field).is_none()) {
            let message = format!("the masking rule names no field `{}`", rule.field.value);
            let diagnostic = Diagnostic::new("definition::unknown_field", message);
            let diagnostic = diagnostic.at(&rule.field.origin);
            diagnostics.push(diagnostic.did_you_mean(&rule.field, names()));
        }
    }
}

fn invalid(message: String, origin: &Origin, help: &str) -> Diagnostic {
    Diagnostic::new("definition::value", message).at(origin).help(help)
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
