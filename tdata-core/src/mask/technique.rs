//! What every masking technique is.

use std::cell::Cell;
use std::sync::Arc;
use std::{fmt, mem};

use super::canonical::Canonical;
use super::key::RuleKey;
use crate::generate::{Value, ValueKind};

/// How a mask spreads different values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    /// Values are hashed onto that many masks: unique only with a probability.
    Hashed(u128),
    /// Masks are not meant to differ.
    Constant,
}

/// A technique with the parameters of a rule, before it is bound to a key and a width.
pub(crate) trait Technique: fmt::Debug {
    /// Names what besides technique and domain tells rules apart, such as the part of an address: the
    /// masks of two variants have nothing to do with each other.
    fn variant(&self) -> String {
        String::new()
    }

    /// Returns the fewest characters that a column needs for its masks.
    fn least(&self) -> usize;

    /// Makes the mask.
    ///
    /// `limit` is the most characters that a mask may have: at least [`Technique::least`], and
    /// `usize::MAX` where there is no limit.
    fn mask(&self, key: RuleKey, limit: usize) -> Arc<dyn Mask>;
}

/// Replaces personal values.
///
/// A mask has no state: under one key, the same value always gets the same mask. It cannot fail:
/// that it fits its column was proved when it was built.
pub(crate) trait Mask: Send + Sync + fmt::Debug {
    /// Replaces a value that is not null, and is in its canonical form.
    fn apply(&self, value: &mut Value);

    /// Returns the kind of the masks of values of kind `input`; `None` when it masks no such values.
    fn kind(&self, input: ValueKind) -> Option<ValueKind>;

    /// Returns the most characters a mask has when the value has at most `input`.
    fn max_length(&self, input: usize) -> usize;

    /// Says whether different values stay different.
    fn spread(&self) -> Spread;
}

/// Makes a mask for the values of a column, which it brings into their canonical form before.
pub(crate) fn for_column(mask: Arc<dyn Mask>, canonical: Canonical) -> Arc<dyn Mask> {
    if canonical.is_trivial() { mask } else { Arc::new(OfColumn { mask, canonical }) }
}

/// A mask for values that are not canonical as they are.
#[derive(Debug)]
struct OfColumn {
    mask: Arc<dyn Mask>,
    canonical: Canonical,
}

impl Mask for OfColumn {
    fn apply(&self, value: &mut Value) {
        self.canonical.apply(value);
        self.mask.apply(value);
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        self.mask.kind(input)
    }

    fn max_length(&self, input: usize) -> usize {
        self.mask.max_length(input)
    }

    fn spread(&self) -> Spread {
        self.mask.spread()
    }
}

/// Returns the kind of the masks of a technique that masks texts, and nothing else.
pub(super) fn texts_only(input: ValueKind) -> Option<ValueKind> {
    matches!(input, ValueKind::Text | ValueKind::Inet).then_some(ValueKind::Text)
}

/// Replaces a value by the text that `mask` appends, given the value's text form.
///
/// Whatever `mask` does, nothing of the original stays: it starts from an empty text.
pub(super) fn replace_text(value: &mut Value, mask: impl FnOnce(&str, &mut String)) {
    thread_local! {
        /// Takes the original, so that its own memory serves the mask: no cell allocates any.
        static ORIGINAL: Cell<String> = const { Cell::new(String::new()) };
    }
    let mut original = ORIGINAL.take();
    original.clear();
    match value {
        Value::Text(text) => mem::swap(text, &mut original),
        _ => value.write_text(&mut original),
    }
    mask(&original, value.text());
    original.clear();
    ORIGINAL.set(original);
}

/// Changes the last digit of a keyed hash that is the original itself, as a short one may be by chance:
/// to 1 if it is 0, else to 0.
pub(super) fn unlike(original: &str, hash_end: usize, out: &mut String) {
    if out != original {
        return;
    }
    let last = if out[..hash_end].ends_with('0') { "1" } else { "0" };
    out.replace_range(hash_end - 1..hash_end, last);
}
