//! `redact`: one fixed text in place of every value.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::technique::texts_only;
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "redact",
    version: 1,
    parameters: &["value"],
    summary: "One fixed text in place of every value; by default `REDACTED`, or as many `*` as \
              fit.",
    build,
};

const DEFAULT: &str = "REDACTED";

#[derive(Debug)]
struct Redact {
    text: String,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(usize::MAX);
    let text = match build.has("value") {
        true => own_text(build, limit)?,
        false if limit >= DEFAULT.len() => DEFAULT.to_owned(),
        false => "*".repeat(limit),
    };
    Some(Arc::new(Redact { text }))
}

fn own_text(build: &mut MaskBuild<'_>, limit: usize) -> Option<String> {
    let text = build.text("value")?;
    let length = text.value.chars().count();
    if length > limit {
        let message = format!("a `value` of {length} characters does not fit the column");
        build.invalid(&text.origin, message, format!("`{}` takes {limit}", build.sql_type));
        return None;
    }
    Some(text.value)
}

impl Mask for Redact {
    fn apply(&self, value: &mut Value) {
        value.set_text(&self.text);
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
