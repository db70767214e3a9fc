//! `hash_ssn`: a keyed hash in place of a number that identifies a person.
//!
//! The eight words in 64 hexadecimal digits. Where the limit is below 64: that many digits of base 36, 48 at
//! most. Should they be the original, the last digit becomes 1 if it is 0, else 0.

use crate::mask::key::{BASE36_DIGITS, RuleKey, Words};
use crate::mask::technique::unlike;
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Spread, Technique, TextMasking, of_texts};
use crate::value::Text;

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "hash_ssn",
    version: 2,
    keyed: true,
    parameters: &["algorithm"],
    read,
    usual: |_| Box::new(HashSsn),
};

const HEX_DIGITS: usize = 64;

#[derive(Debug)]
struct HashSsn;

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    if build.has("algorithm") {
        build.word("algorithm", &[("sha256", ())])?;
    }
    Some(Box::new(HashSsn))
}

impl Technique for HashSsn {
    fn least(&self) -> usize {
        1
    }

    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask {
        let digits = (limit < HEX_DIGITS).then(|| limit.clamp(1, BASE36_DIGITS));
        of_texts(Hash { key, digits })
    }
}

#[derive(Debug)]
struct Hash {
    key: RuleKey,
    /// The digits in base 36; `None` for all of the hash in base 16.
    digits: Option<usize>,
}

impl TextMasking for Hash {
    fn key(&self) -> &RuleKey {
        &self.key
    }

    fn mask(&self, original: &str, words: &mut Words<'_>, out: &mut Text<'_>) {
        match self.digits {
            Some(digits) => words.write_base36(digits, out),
            None => words.write_hex(out),
        }
        unlike(original, out.len(), out);
    }

    fn max_length(&self) -> usize {
        self.digits.unwrap_or(HEX_DIGITS)
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(match self.digits {
            None => u128::MAX,
            Some(digits) => 36u128.saturating_pow(digits as u32),
        })
    }
}
