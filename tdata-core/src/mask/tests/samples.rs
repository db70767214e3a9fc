//! What techniques are tried with, and how rules become masks here.

use std::sync::Arc;

use crate::definition::{Definition, Instant};
use crate::diagnostic::{Diagnostics, Source};
use crate::mask::{Mask, MaskKey, rule};
use crate::value::{Value, ValueKind};

/// What a technique is tried with.
pub(super) struct Sample {
    pub(super) technique: &'static str,
    pub(super) sql_type: &'static str,
    pub(super) kind: ValueKind,
    pub(super) inputs: [&'static str; 3],
    /// Whether the key makes a difference.
    pub(super) keyed: bool,
}

pub(super) const SAMPLES: &[Sample] = &[
    text("anonymize_email", true, ["ada@lovelace.uk", "Ada@lovelace.uk", "no address"]),
    Sample {
        technique: "anonymize_ip",
        sql_type: "inet",
        kind: ValueKind::Inet,
        inputs: ["10.1.2.3", "10.1.2.3/8", "fe80::1"],
        keyed: true,
    },
    Sample {
        technique: "date_of_birth",
        sql_type: "date",
        kind: ValueKind::Date,
        inputs: ["1980-02-29", "2024-05-31", "1815-12-10"],
        keyed: true,
    },
    text(
        "generalize_user_agent",
        false,
        [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0.0.0 Safari/537.36",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "gibberish",
        ],
    ),
    text("hash_ssn", true, ["123-45-6789", "123456789", "987-65-4321"]),
    text("mask_credit_card", false, ["4111-1111-1111-1111", "378282246310005", "12345678"]),
    text("randomize_address", true, ["12 Main Street, Springfield", "Rue de Rivoli 7", "-"]),
    text("redact", false, ["hunter2", "correct horse battery staple", "0"]),
    text("redact_phone", true, ["+1-212-664-7665", "(0) 30 1234567", "call me"]),
    text("replace_name", true, ["Ada Lovelace", "Aaliyah Abbott", "madonna"]),
    Sample {
        technique: "shift_date",
        sql_type: "timestamp",
        kind: ValueKind::Timestamp,
        inputs: ["2024-05-31T23:59:59Z", "2020-02-29T12:00:00.5Z", "2031-01-01T08:00:00Z"],
        keyed: true,
    },
];

const fn text(technique: &'static str, keyed: bool, inputs: [&'static str; 3]) -> Sample {
    Sample { technique, sql_type: "varchar(255)", kind: ValueKind::Text, inputs, keyed }
}

impl Sample {
    pub(super) fn mask(&self, key: &MaskKey) -> Arc<dyn Mask> {
        build(self.technique, self.sql_type, "", key).unwrap()
    }

    pub(super) fn values(&self) -> Vec<Value> {
        self.inputs.iter().map(|input| value(self.kind, input)).collect()
    }

    pub(super) fn masked(&self, mask: &dyn Mask) -> Vec<Value> {
        self.values().iter().map(|value| masked(mask, value)).collect()
    }
}

fn value(kind: ValueKind, text: &str) -> Value {
    let instant = || text.parse::<Instant>().unwrap();
    match kind {
        ValueKind::Date => Value::Date(instant().days()),
        ValueKind::Timestamp => Value::Timestamp(instant()),
        _ => Value::Text(text.to_owned()),
    }
}

pub(super) fn development() -> MaskKey {
    MaskKey::development()
}

/// Builds the mask that a rule asks for; `extra` is more YAML for the rule, such as `, part: last`.
pub(super) fn build(
    name: &str,
    sql_type: &str,
    extra: &str,
    key: &MaskKey,
) -> Result<Arc<dyn Mask>, String> {
    build_for("f", name, sql_type, extra, key)
}

pub(super) fn build_for(
    field: &str,
    name: &str,
    sql_type: &str,
    extra: &str,
    key: &MaskKey,
) -> Result<Arc<dyn Mask>, String> {
    let yaml = format!(
        "apiVersion: data.automation/v1
kind: DataDefinition
metadata: {{ name: people }}
spec:
  table: people
  fields:
    - {{ name: {field}, type: \"{sql_type}\", generator: pattern }}
  masking_rules:
    - {{ field: {field}, rule: {name}{extra} }}
"
    );
    let definition = Definition::parse(Source::new("people.yaml", yaml), "people").unwrap();
    let field = definition.spec.field(field).unwrap();
    let sql_type = &field.sql_type.as_ref().unwrap().value;
    let mut diagnostics = Diagnostics::new();
    let built = rule(&definition.spec, field, sql_type, &mut diagnostics).map(Option::unwrap);
    let limit = sql_type.length_limit().unwrap_or(usize::MAX);
    match built {
        Some(rule) if diagnostics.is_empty() && rule.fits(limit) => Ok(rule.mask(key, limit)),
        Some(rule) if diagnostics.is_empty() => {
            let mut told = Diagnostics::new();
            told.push(rule.too_narrow(sql_type));
            Err(told.to_string())
        }
        _ if diagnostics.is_empty() => panic!("{name} failed without a word"),
        _ => Err(diagnostics.to_string()),
    }
}

pub(super) fn masked(mask: &dyn Mask, value: &Value) -> Value {
    let mut value = value.clone();
    mask.apply(&mut value);
    value
}

pub(super) fn masked_text(mask: &dyn Mask, text: &str) -> String {
    match masked(mask, &Value::Text(text.to_owned())) {
        Value::Text(text) => text,
        other => panic!("{other:?} is no text"),
    }
}

pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}
