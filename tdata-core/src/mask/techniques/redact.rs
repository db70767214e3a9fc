//! `redact`: one fixed text in place of every value.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::technique::texts_only;
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread};

pub(super) const ENTRY: MaskEntry = MaskEntry {
    name: "redact",
    version: 1,
    parameters: &["value"],
    summary: "One fixed text in place of every value; by default `REDACTED`, or as many `*` as fit.",
    build,
};

const DEFAULT: &str = "REDACTED";

#[derive(Debug)]
struct Redact {
    text: String,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(usize::MAX);
    let text = match build.text("value") {
        Some(text) => {
            let length = text.value.chars().count();
            if length > limit {
                let message = format!("a `value` of {length} characters does not fit the column");
                let help = format!("`{}` takes {limit}", build.sql_type);
                build.invalid(text.span, message, help);
                return None;
            }
            text.value
        }
        None if limit >= DEFAULT.len() => DEFAULT.to_owned(),
        None => "*".repeat(limit),
    };
    Some(Arc::new(Redact { text }))
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
