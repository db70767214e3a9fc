//! The rule of a field: which technique masks it, in which domain.

use std::sync::Arc;

use super::build::MaskBuild;
use super::canonical::Canonical;
use super::defaults::{categories, default_rule, is_category, usual_categories};
use super::key::MaskKey;
use super::registry::{MASKS, MaskEntry, find, fitting};
use super::technique::{Mask, Technique, for_column};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, nearest};
use crate::spec::{DatasetSpec, Field, ParameterReader, Parameters, unknown_key};
use crate::sql::SqlType;

/// What decides the mask of a value besides the key: columns with equal forms have equal masks of equal values,
/// if their masks are equally narrow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Form {
    technique: &'static str,
    domain: String,
    variant: String,
}

/// A rule as it is written, or as the field's category, generator or name brings it.
#[derive(Debug)]
pub(crate) struct Rule {
    entry: &'static MaskEntry,
    technique: Box<dyn Technique>,
    domain: String,
    canonical: Canonical,
    origin: Origin,
}

impl Rule {
    /// Returns the technique's name.
    pub(crate) fn technique(&self) -> &'static str {
        self.entry.name
    }

    /// Tells whether a column that takes `limit` characters has room for the masks.
    pub(crate) fn fits(&self, limit: usize) -> bool {
        self.technique.least() <= limit
    }

    /// Tells that a column is too narrow for the masks.
    pub(crate) fn too_narrow(&self, sql_type: &SqlType) -> Diagnostic {
        let (technique, least) = (self.entry.name, self.technique.least());
        let message = format!(
            "`{technique}` does not fit `{sql_type}`: its masks have at least {least} characters"
        );
        let help = "widen the column, or use `redact`, which fits any length";
        Diagnostic::new("plan::mask", message).at(&self.origin).help(help)
    }

    /// Makes the mask, whose masks have at most `limit` characters; the rule [fits](Rule::fits) that.
    pub(crate) fn mask(&self, key: &MaskKey, limit: usize) -> Arc<dyn Mask> {
        let key = key.rule(self.entry.name, self.entry.version, &self.domain);
        for_column(self.technique.mask(key, limit), self.canonical)
    }

    /// Returns what the masks of the rule have in common with those of others.
    pub(crate) fn form(&self) -> Form {
        Form {
            technique: self.entry.name,
            domain: self.domain.clone(),
            variant: self.technique.variant(),
        }
    }
}

/// Reads the rule of a field: `Some(None)` where it has none, `None` after telling what is wrong.
#[expect(clippy::option_option, reason = "the outer level is the planner's way to fail")]
pub(crate) fn rule(
    spec: &DatasetSpec,
    field: &Field,
    sql_type: &SqlType,
    diagnostics: &mut Diagnostics,
) -> Option<Option<Rule>> {
    let rule = spec.masking_rule(&field.name);
    if let Some(category) = &field.pii_category
        && !is_category(category)
    {
        let message = format!("there is no category `{}` of personal data", category.value);
        let near = nearest(category, categories()).map(|near| vec![near]);
        let known = near.unwrap_or_else(|| usual_categories().collect());
        diagnostics.push(
            Diagnostic::new("plan::unknown_category", message)
                .at(&category.origin)
                .did_you_mean(category, known),
        );
        return None;
    }
    if rule.is_none() && !field.masking {
        return Some(None);
    }
    let origin = rule.map_or(&field.name.origin, |rule| &rule.rule.origin);
    if spec.relationship(&field.name).is_some() {
        let message =
            format!("`{}` is a foreign key: masked, it would reference nothing", field.name.value);
        diagnostics.push(
            Diagnostic::new("plan::mask", message)
                .at(origin)
                .help("mask the field it references; its references follow"),
        );
        return None;
    }
    let generator = field.generator.as_ref().map(|name| name.value.as_str());
    let category = field.pii_category.as_ref().map(|name| name.value.as_str());
    let default = || default_rule(category, generator, &field.name);
    let Some(name) = rule.map(|rule| rule.rule.value.as_str()).or_else(default) else {
        let message = format!("no masking rule fits `{}`", field.name.value);
        let help = fitting(sql_type);
        diagnostics.push(Diagnostic::new("plan::mask", message).at(origin).help(help));
        return None;
    };
    let Some(entry) = find(name) else {
        let message = format!("there is no masking rule `{name}`");
        diagnostics.push(
            Diagnostic::new("plan::unknown_rule", message)
                .at(origin)
                .did_you_mean(name, MASKS.iter().map(|entry| entry.name)),
        );
        return None;
    };
    let none = Default::default();
    let parameters = rule.map_or(&none, |rule| &rule.parameters);
    let known: Vec<&str> = KEYS.iter().chain(entry.parameters).copied().collect();
    for key in parameters.keys().filter(|key| !known.contains(&key.value.as_str())) {
        let place = format!("the rule `{name}`");
        diagnostics.push(unknown_key(key, place, &known));
    }
    let mut reader = ParameterReader { parameters, code: "plan::mask", diagnostics };
    let domain = domain(entry, parameters, &mut reader);
    let normalize = match parameters.get("normalize") {
        None => Some(false),
        Some(_) => reader.word("normalize", &[("nfc", true)]),
    };
    let technique = (entry.read)(&mut MaskBuild { field, sql_type, parameters, diagnostics });
    // What is not hashed needs no other form.
    let canonical = Canonical::of(sql_type, normalize? && entry.keyed);
    Some(Some(Rule {
        entry,
        technique: technique?,
        domain: domain?,
        canonical,
        origin: origin.clone(),
    }))
}

/// The keys of every masking rule.
const KEYS: &[&str] = &["field", "rule", "domain", "normalize"];

/// Returns the domain of a rule: the one it says, else the technique's name.
fn domain(
    entry: &MaskEntry,
    parameters: &Parameters,
    reader: &mut ParameterReader<'_>,
) -> Option<String> {
    if parameters.get("domain").is_none() {
        return Some(entry.name.to_owned());
    }
    let domain = reader.text("domain")?;
    if is_domain(&domain.value) {
        return Some(domain.value);
    }
    if domain.value.contains('.') && entry.parameters.contains(&"mail_domain") {
        let message = "`domain` is where equal values get equal masks, not the end of addresses";
        let help = format!("write `mail_domain: {}`", domain.value);
        reader.invalid(&domain.origin, message.to_owned(), &help);
    } else {
        let message = format!("`{}` cannot name a domain", domain.value);
        reader.invalid(&domain.origin, message, DOMAIN_EXPECTED);
    }
    None
}

/// What [`is_domain`] accepts, for messages.
pub(super) const DOMAIN_EXPECTED: &str =
    "such as `person`: small letters, digits and `_`, a letter first, 63 at most";

/// Tells whether a text can name a domain. It has no colon, which the [formula](super::key::RuleKey) needs.
pub(super) fn is_domain(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=63).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(fits)
}
