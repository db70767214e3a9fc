//! `randomize_address`: a made-up address, or the part of one that the field holds.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::phrase::{Phrase, Piece};
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey, words};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &["part"],
    summary: "A made-up address or a part of one; `part` says which, else the field's generator \
              or name.",
    build,
};

const NAME: &str = "randomize_address";
const POSTAL_DIGITS: usize = 5;

#[derive(Clone, Copy)]
enum Part {
    Full,
    Street,
    City,
    State,
    PostalCode,
    Country,
}

/// The parts as rules name them.
const PARTS: &[(&str, Part)] = &[
    ("full", Part::Full),
    ("street", Part::Street),
    ("city", Part::City),
    ("state", Part::State),
    ("postal_code", Part::PostalCode),
    ("country", Part::Country),
];

/// The parts as fields and generators name them.
const MEANINGS: &[(&str, Part)] = &[
    ("street", Part::Street),
    ("street_address", Part::Street),
    ("street_name", Part::Street),
    ("address_line1", Part::Street),
    ("city", Part::City),
    ("town", Part::City),
    ("state", Part::State),
    ("province", Part::State),
    ("region", Part::State),
    ("postal_code", Part::PostalCode),
    ("postcode", Part::PostalCode),
    ("zip", Part::PostalCode),
    ("zip_code", Part::PostalCode),
    ("country", Part::Country),
    ("country_code", Part::Country),
];

#[derive(Debug)]
struct RandomizeAddress {
    key: TechniqueKey,
    /// What originals are replaced by.
    texts: Phrase,
    /// What originals of two characters, such as `CA`, are replaced by: codes for codes.
    codes: Option<Phrase>,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(usize::MAX);
    let part = match build.has("part") {
        true => Some(build.word("part", PARTS)?),
        false => build.meaning(MEANINGS),
    };
    let codes = || match part {
        Some(Part::State) => Some(vec![Piece::Words(&words::STATE_CODES)]),
        Some(Part::Country) => Some(vec![Piece::Words(&words::COUNTRY_CODES)]),
        _ => None,
    };
    let codes = || codes().and_then(|pieces| Phrase::fitting(pieces, limit).ok());
    let texts = Phrase::fitting(pieces(part.unwrap_or(Part::Full), limit), limit);
    let texts = match (texts, part) {
        // An address that no one said to be full is one that fits.
        (Err(_), None) => Phrase::fitting(pieces(Part::Street, limit), limit),
        (Err(least), _) => codes().ok_or(least),
        (texts, _) => texts,
    };
    match texts {
        Ok(texts) => {
            let key = build.key.technique(NAME);
            Some(Arc::new(RandomizeAddress { key, texts, codes: codes() }))
        }
        Err(least) => {
            let least = if matches!(part, Some(Part::State | Part::Country)) { 2 } else { least };
            build.too_narrow(NAME, least);
            None
        }
    }
}

fn pieces(part: Part, limit: usize) -> Vec<Piece> {
    let name = || Piece::Words(&words::LAST_NAMES);
    let space = Piece::Fixed(" ");
    match part {
        Part::Full => [
            pieces(Part::Street, limit),
            vec![Piece::Fixed(", ")],
            pieces(Part::City, limit),
            vec![Piece::Fixed(", "), Piece::Words(&words::STATE_CODES), space],
            vec![Piece::Digits(POSTAL_DIGITS)],
        ]
        .concat(),
        Part::Street => vec![
            Piece::Number(4),
            space.clone(),
            name(),
            space,
            Piece::Words(&words::STREET_ENDINGS),
        ],
        Part::City => vec![name(), Piece::Words(&words::CITY_ENDINGS)],
        Part::State => vec![Piece::Words(&words::STATES)],
        Part::PostalCode => vec![Piece::Digits(POSTAL_DIGITS.min(limit))],
        Part::Country => vec![Piece::Words(&words::COUNTRIES)],
    }
}

impl RandomizeAddress {
    fn phrases(&self) -> impl Iterator<Item = &Phrase> {
        [Some(&self.texts), self.codes.as_ref()].into_iter().flatten()
    }
}

impl Mask for RandomizeAddress {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            let code = original.trim_end().chars().count() == 2;
            let phrase = self.codes.as_ref().filter(|_| code).unwrap_or(&self.texts);
            phrase.write_other(&mut self.key.stream(original), original, out);
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.phrases().map(Phrase::max_length).max().unwrap_or(0)
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.phrases().map(Phrase::count).min().unwrap_or(1))
    }
}
