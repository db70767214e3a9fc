//! `redact`: one fixed text in place of every value.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
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
        Some(text) => text.value,
        None if limit >= DEFAULT.len() => DEFAULT.to_owned(),
        None => "*".repeat(limit),
    };
    Some(Arc::new(Redact { text }))
}

impl Mask for Redact {
    fn apply(&self, value: &mut Value) {
        value.set_text(&self.text);
    }

    fn kind(&self, _input: ValueKind) -> Option<ValueKind> {
        Some(ValueKind::Text)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.text.chars().count()
    }

    fn spread(&self) -> Spread {
        Spread::Constant
    }
}
