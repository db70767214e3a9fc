//! `hash_ssn`: a keyed hash in place of a number that identifies a person.
//!
//! The eight words in 64 hexadecimal digits. Where the limit is below 64: that many digits of base 36, 48 at
//! most. Should they be the original, the last digit becomes 1 if it is 0, else 0.

use std::sync::Arc;

use crate::mask::key::{BASE36_DIGITS, RuleKey};
use crate::mask::technique::{replace_text, texts_only, unlike};
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, ValueKind, ValueRef};

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
        Arc::new(Hash { key, digits })
    }
}

#[derive(Debug)]
struct Hash {
    key: RuleKey,
    /// The digits in base 36; `None` for all of the hash in base 16.
    digits: Option<usize>,
}

impl Masking for Hash {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        replace_text(original, out, |original, out| {
            let mut words = self.key.words(original);
            match self.digits {
                Some(digits) => words.write_base36(digits, out),
                None => words.write_hex(out),
            }
            unlike(original, out.len(), out);
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.digits.unwrap_or(HEX_DIGITS)
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(match self.digits {
            None => u128::MAX,
            Some(digits) => 36u128.saturating_pow(digits as u32),
        })
    }
}
