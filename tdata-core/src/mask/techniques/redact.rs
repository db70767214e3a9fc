//! `redact`: one fixed text in place of every value.

use std::sync::Arc;

use crate::mask::key::RuleKey;
use crate::mask::technique::texts_only;
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, ValueKind, ValueRef};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "redact",
    version: 1,
    keyed: false,
    parameters: &["value"],
    read,
    usual: |_| Box::new(Redact { own: None }),
};

const DEFAULT: &str = "REDACTED";

#[derive(Debug)]
struct Redact {
    /// The rule's own text.
    own: Option<String>,
}

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    let own = if build.has("value") { Some(own_text(build)?) } else { None };
    Some(Box::new(Redact { own }))
}

fn own_text(build: &mut MaskBuild<'_>) -> Option<String> {
    let text = build.text("value")?;
    let length = text.value.chars().count();
    if let Some(limit) = build.sql_type.length_limit().filter(|limit| length > *limit) {
        let message = format!("a `value` of {length} characters does not fit the column");
        build.invalid(&text.origin, message, format!("`{}` takes {limit}", build.sql_type));
        return None;
    }
    Some(text.value)
}

impl Technique for Redact {
    fn variant(&self) -> String {
        self.own.clone().unwrap_or_default()
    }

    fn least(&self) -> usize {
        self.own.as_ref().map_or(1, |text| text.chars().count())
    }

    fn mask(&self, _key: RuleKey, limit: usize) -> AnyMask {
        let text = match &self.own {
            Some(text) => text.clone(),
            None if limit >= DEFAULT.len() => DEFAULT.to_owned(),
            None => "*".repeat(limit),
        };
        Arc::new(Fixed { text })
    }
}

#[derive(Debug)]
struct Fixed {
    text: String,
}

impl Masking for Fixed {
    fn mask(&self, _original: ValueRef<'_>, out: &mut impl Slot) {
        out.text(|out| out.push_str(&self.text));
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.text.chars().count()
    }

    fn spread(&self) -> Spread {
        Spread::Constant
    }
}
