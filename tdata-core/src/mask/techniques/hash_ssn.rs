//! `hash_ssn`: a keyed hash in place of a number that identifies a person.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::key::{BASE36_DIGITS, hex, write_base36};
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &["algorithm"],
    summary: "The HMAC-SHA256 in 64 hexadecimal digits, or as many of base 36 as the column takes.",
    build,
};

const NAME: &str = "hash_ssn";
const HEX_DIGITS: usize = 64;

#[derive(Debug)]
struct HashSsn {
    key: TechniqueKey,
    /// The digits in base 36; `None` for all of the hash in base 16.
    digits: Option<usize>,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    if build.has("algorithm") {
        build.word("algorithm", &[("sha256", ())])?;
    }
    let limit = build.length_limit().unwrap_or(HEX_DIGITS);
    let digits = (limit < HEX_DIGITS).then(|| limit.min(BASE36_DIGITS));
    Some(Arc::new(HashSsn { key: build.key.technique(NAME), digits }))
}

impl Mask for HashSsn {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            let digest = self.key.digest(original);
            match self.digits {
                None => out.push_str(&hex(&digest)),
                Some(digits) => write_base36(&digest, digits, out),
            }
            if out == original {
                // A hash of few digits may be the original by chance: another last digit.
                let last = out.pop();
                out.push(if last == Some('0') { '1' } else { '0' });
            }
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
