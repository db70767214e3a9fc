//! Masks of texts that are drawn from the words of the whole text.

use std::fmt;

use super::key::{RuleKey, Words};
use super::technique::{AnyMask, Mask, Spread, texts_only};
use crate::value::{Block, Data, Slot, Text, Value, ValueKind, utf8};

/// Says how texts are replaced by what the words of the whole text choose. Values of other kinds are masked in their text
/// form.
pub(super) trait TextMasking: Send + Sync + fmt::Debug {
    /// Returns the key whose words the masks are drawn from.
    fn key(&self) -> &RuleKey;

    /// Writes the mask of a text; `words` are the text's.
    fn mask(&self, original: &str, words: &mut Words<'_>, out: &mut Text<'_>);

    /// Returns the most characters a mask has.
    fn max_length(&self) -> usize;

    /// Says whether different values stay different.
    fn spread(&self) -> Spread;
}

/// Makes a mask of what a technique says of texts.
pub(super) fn of_texts(masking: impl TextMasking + 'static) -> AnyMask {
    std::sync::Arc::new(Texts(masking))
}

/// A mask of texts, which hashes several of a block together.
#[derive(Debug)]
struct Texts<M>(M);

/// How many texts are hashed together.
const TOGETHER: usize = 16;

impl<M: TextMasking> Texts<M> {
    fn mask_alone(&self, original: &str, out: &mut impl Slot) {
        let mut words = self.0.key().words(original);
        out.text(|out| self.0.mask(original, &mut words, out));
    }

    fn fill_texts(&self, originals: &Block, texts: &str, ends: &[usize], out: &mut Block) {
        let mut start = 0;
        for (group, ends) in ends.chunks(TOGETHER).enumerate() {
            // Where there are fewer, the others are hashed for nothing.
            let mut values = [""; TOGETHER];
            for (value, end) in values.iter_mut().zip(ends) {
                *value = &texts[start..*end];
                start = *end;
            }
            let hashes = self.0.key().hash_each(values);
            let places = TOGETHER * group..TOGETHER * group + ends.len();
            for ((at, original), hash) in places.zip(values).zip(hashes) {
                if originals.is_null(at) {
                    out.null();
                    continue;
                }
                let mut words = self.0.key().begun(original, hash);
                out.text(|out| self.0.mask(original, &mut words, out));
            }
        }
    }
}

impl<M: TextMasking> Mask for Texts<M> {
    fn apply(&self, value: &mut Value) {
        let original = match value {
            Value::Text(text) => std::mem::take(text),
            _ => value.to_string(),
        };
        self.mask_alone(&original, value);
    }

    fn fill(&self, originals: &Block, out: &mut Block) {
        if let Data::Text { texts, ends } = originals.data() {
            return self.fill_texts(originals, utf8(texts), ends, out);
        }
        for at in 0..originals.len() {
            match originals.is_null(at) {
                true => out.null(),
                false => self.mask_alone(&originals.value(at).to_string(), out),
            }
        }
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.0.max_length()
    }

    fn spread(&self) -> Spread {
        self.0.spread()
    }
}
