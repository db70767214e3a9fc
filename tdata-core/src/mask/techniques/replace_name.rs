//! `replace_name`: a person's name from a list.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::phrase::{Phrase, Piece};
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey, words};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &["part"],
    summary: "A first, last or full name from a list; `part` says which, else the field's \
              generator or name.",
    build,
};

const NAME: &str = "replace_name";

#[derive(Clone, Copy)]
enum Part {
    First,
    Last,
    Full,
}

/// The parts as rules name them.
const PARTS: &[(&str, Part)] =
    &[("first", Part::First), ("last", Part::Last), ("full", Part::Full)];

/// The parts as fields and generators name them.
const MEANINGS: &[(&str, Part)] = &[
    ("first_name", Part::First),
    ("firstname", Part::First),
    ("forename", Part::First),
    ("given_name", Part::First),
    ("last_name", Part::Last),
    ("lastname", Part::Last),
    ("surname", Part::Last),
    ("family_name", Part::Last),
    ("full_name", Part::Full),
];

#[derive(Debug)]
struct ReplaceName {
    key: TechniqueKey,
    names: Phrase,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let part = match build.has("part") {
        true => build.word("part", PARTS)?,
        false => build.meaning(MEANINGS).unwrap_or(Part::Full),
    };
    let first = || Piece::Words(&words::FIRST_NAMES);
    let last = || Piece::Words(&words::LAST_NAMES);
    let pieces = match part {
        Part::First => vec![first()],
        Part::Last => vec![last()],
        Part::Full => vec![first(), Piece::Fixed(" "), last()],
    };
    match Phrase::fitting(pieces, build.length_limit().unwrap_or(usize::MAX)) {
        Ok(names) => Some(Arc::new(ReplaceName { key: build.key.technique(NAME), names })),
        Err(least) => {
            build.too_narrow(NAME, least);
            None
        }
    }
}

impl Mask for ReplaceName {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            self.names.write_other(&mut self.key.stream(original), original, out);
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.names.max_length()
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.names.count())
    }
}
