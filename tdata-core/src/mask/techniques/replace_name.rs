//! `replace_name`: a person's name from a list.
//!
//! A [phrase](crate::mask::phrase): a first name, a last name, or both with a blank between them.

use crate::mask::key::{RuleKey, Words};
use crate::mask::phrase::{Phrase, Piece};
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Spread, Technique, TextMasking, of_texts, words};
use crate::value::Text;

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "replace_name",
    version: 2,
    keyed: true,
    parameters: &["part"],
    read,
    usual: |word| Box::new(ReplaceName { part: meaning([word]) }),
};

#[derive(Clone, Copy, Debug)]
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
    part: Part,
}

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    let part = match build.has("part") {
        true => build.word("part", PARTS)?,
        false => meaning(build.words()),
    };
    Some(Box::new(ReplaceName { part }))
}

fn meaning<'a>(words: impl IntoIterator<Item = &'a str>) -> Part {
    crate::mask::defaults::meaning(words, MEANINGS).unwrap_or(Part::Full)
}

impl ReplaceName {
    fn pieces(&self) -> Vec<Piece> {
        let first = || Piece::Words(&words::FIRST_NAMES);
        let last = || Piece::Words(&words::LAST_NAMES);
        match self.part {
            Part::First => vec![first()],
            Part::Last => vec![last()],
            Part::Full => vec![first(), Piece::fixed(" "), last()],
        }
    }
}

impl Technique for ReplaceName {
    fn variant(&self) -> String {
        format!("{:?}", self.part)
    }

    /// Written down, as to sort all names takes its time, and most projects have columns with names.
    fn least(&self) -> usize {
        match self.part {
            Part::First => 2,
            Part::Last => 3,
            Part::Full => 6,
        }
    }

    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask {
        of_texts(Names { key, names: Phrase::fitting(self.pieces(), limit) })
    }
}

#[derive(Debug)]
struct Names {
    key: RuleKey,
    names: Phrase,
}

impl TextMasking for Names {
    fn key(&self) -> &RuleKey {
        &self.key
    }

    fn mask(&self, original: &str, words: &mut Words<'_>, out: &mut Text<'_>) {
        self.names.write_other(words, original, out);
    }

    fn max_length(&self) -> usize {
        self.names.max_length()
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.names.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_that_of_the_lists() {
        for (_, part) in PARTS {
            let technique = ReplaceName { part: *part };
            assert_eq!(technique.least(), Phrase::least(&technique.pieces()), "{part:?}");
        }
    }
}
