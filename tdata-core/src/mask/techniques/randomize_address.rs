//! `randomize_address`: a made-up address, or the part of one that the field holds.
//!
//! A [phrase](crate::mask::phrase) such as `2064 Satterfield Heights, Muellerville, VA 48240`, or the part of it
//! that the field holds. Originals of two characters become codes where there are codes: `CA`
//! another state's.

use crate::mask::key::{RuleKey, Words};
use crate::mask::phrase::{Phrase, Piece};
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Spread, Technique, TextMasking, of_texts, words};
use crate::value::Text;

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "randomize_address",
    version: 2,
    keyed: true,
    parameters: &["part"],
    read,
    usual: |word| Box::new(RandomizeAddress { part: meaning([word]) }),
};

const POSTAL_DIGITS: usize = 5;

#[derive(Clone, Copy, Debug)]
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
    /// `None` where nobody said: a full address, or where that does not fit a street.
    part: Option<Part>,
}

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    let part = match build.has("part") {
        true => Some(build.word("part", PARTS)?),
        false => meaning(build.words()),
    };
    Some(Box::new(RandomizeAddress { part }))
}

fn meaning<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Part> {
    crate::mask::defaults::meaning(words, MEANINGS)
}

fn pieces(part: Part, limit: usize) -> Vec<Piece> {
    let name = || Piece::Words(&words::LAST_NAMES);
    let space = Piece::fixed(" ");
    match part {
        Part::Full => [
            pieces(Part::Street, limit),
            vec![Piece::fixed(", ")],
            pieces(Part::City, limit),
            vec![Piece::fixed(", "), Piece::Words(&words::STATE_CODES), space],
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

/// Returns the codes that stand for whole texts of a part.
fn codes(part: Option<Part>) -> Option<Vec<Piece>> {
    match part? {
        Part::State => Some(vec![Piece::Words(&words::STATE_CODES)]),
        Part::Country => Some(vec![Piece::Words(&words::COUNTRY_CODES)]),
        _ => None,
    }
}

impl Technique for RandomizeAddress {
    fn variant(&self) -> String {
        format!("{:?}", self.part)
    }

    /// Written down, as to sort all names takes its time, and most projects have columns with addresses.
    fn least(&self) -> usize {
        match self.part {
            Some(Part::Full) => 28,
            Some(Part::Street) | None => 9,
            Some(Part::City) => 7,
            // There are codes of them.
            Some(Part::State | Part::Country) => 2,
            Some(Part::PostalCode) => 1,
        }
    }

    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask {
        let fit = |pieces: &Vec<Piece>| Phrase::least(pieces) <= limit;
        let whole = pieces(self.part.unwrap_or(Part::Full), limit);
        let codes = codes(self.part);
        let texts = match (fit(&whole), self.part) {
            (true, _) => whole,
            (false, None) => pieces(Part::Street, limit),
            (false, Some(_)) => codes.clone().unwrap_or(whole),
        };
        let codes = codes.map(|codes| Phrase::fitting(codes, limit));
        of_texts(Addresses { key, texts: Phrase::fitting(texts, limit), codes })
    }
}

#[derive(Debug)]
struct Addresses {
    key: RuleKey,
    /// What originals are replaced by.
    texts: Phrase,
    /// What originals of two characters, such as `CA`, are replaced by: codes for codes.
    codes: Option<Phrase>,
}

impl Addresses {
    fn phrases(&self) -> impl Iterator<Item = &Phrase> {
        [Some(&self.texts), self.codes.as_ref()].into_iter().flatten()
    }
}

impl TextMasking for Addresses {
    fn key(&self) -> &RuleKey {
        &self.key
    }

    fn mask(&self, original: &str, words: &mut Words<'_>, out: &mut Text<'_>) {
        let phrase = match &self.codes {
            Some(codes) if original.chars().count() == 2 => codes,
            _ => &self.texts,
        };
        phrase.write_other(words, original, out);
    }

    fn max_length(&self) -> usize {
        self.phrases().map(Phrase::max_length).max().unwrap_or(0)
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(self.phrases().map(Phrase::count).min().unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_that_of_the_lists() {
        for (_, part) in PARTS {
            let least = RandomizeAddress { part: Some(*part) }.least();
            let pieces = codes(Some(*part)).unwrap_or_else(|| pieces(*part, 1));
            assert_eq!(least, Phrase::least(&pieces), "{part:?}");
        }
    }
}
