//! What every masking technique is.

use std::cell::Cell;
use std::sync::Arc;
use std::{fmt, mem};

use super::canonical::Canonical;
use super::key::RuleKey;
use crate::value::{Block, Data, Slot, Text, Value, ValueKind, ValueRef, utf8, with_spare};

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
    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask;
}

/// Says how personal values are replaced: what each technique's masks are.
///
/// A mask has no state: under one key, the same value always gets the same mask. It cannot fail:
/// that it fits its column was proved when it was built.
pub(crate) trait Masking: Send + Sync + fmt::Debug {
    /// Writes the mask of a value that is not null, and is in its canonical form.
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot);

    /// Returns the kind of the masks of values of kind `input`; `None` when it masks no such values.
    fn kind(&self, input: ValueKind) -> Option<ValueKind>;

    /// Returns the most characters a mask has when the value has at most `input`.
    fn max_length(&self, input: usize) -> usize;

    /// Says whether different values stay different.
    fn spread(&self) -> Spread;
}

/// Replaces personal values, one by one or in blocks.
pub(crate) trait Mask: Send + Sync + fmt::Debug {
    /// Replaces a value that is not null.
    fn apply(&self, value: &mut Value);

    /// Adds the masks of a block's values to another block; nulls stay null.
    fn fill(&self, originals: &Block, out: &mut Block);

    /// See [`Masking::kind`].
    fn kind(&self, input: ValueKind) -> Option<ValueKind>;

    /// See [`Masking::max_length`].
    fn max_length(&self, input: usize) -> usize;

    /// See [`Masking::spread`].
    fn spread(&self) -> Spread;
}

/// What a technique says once is compiled for single values and for blocks.
impl<M: Masking> Mask for M {
    /// Whatever the mask does, nothing of the original stays.
    fn apply(&self, value: &mut Value) {
        thread_local! {
            /// Takes the original, so that its own memory serves the mask: no cell allocates any.
            static ORIGINAL: Cell<Value> = const { Cell::new(Value::Null) };
        }
        let mut original = ORIGINAL.replace(Value::Null);
        mem::swap(value, &mut original);
        self.mask((&original).into(), value);
        if let Value::Text(text) = &mut original {
            text.clear();
        }
        ORIGINAL.set(original);
    }

    fn fill(&self, originals: &Block, out: &mut Block) {
        let masked = |at: usize, original, out: &mut Block| match originals.is_null(at) {
            true => out.null(),
            false => self.mask(original, out),
        };
        match originals.data() {
            Data::Text { texts, ends } => {
                let (texts, mut start) = (utf8(texts), 0);
                for (at, end) in ends.iter().enumerate() {
                    masked(at, ValueRef::Text(&texts[start..*end]), out);
                    start = *end;
                }
            }
            Data::Date(days) => {
                for (at, day) in days.iter().enumerate() {
                    masked(at, ValueRef::Date(*day), out);
                }
            }
            Data::Timestamp(instants) => {
                for (at, instant) in instants.iter().enumerate() {
                    masked(at, ValueRef::Timestamp(*instant), out);
                }
            }
            _ => (0..originals.len()).for_each(|at| masked(at, originals.get(at), out)),
        }
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        Masking::kind(self, input)
    }

    fn max_length(&self, input: usize) -> usize {
        Masking::max_length(self, input)
    }

    fn spread(&self) -> Spread {
        Masking::spread(self)
    }
}

/// A mask of any technique.
pub(crate) type AnyMask = Arc<dyn Mask>;

/// Makes a mask for the values of a column, which it brings into their canonical form before.
pub(crate) fn for_column(mask: AnyMask, canonical: Canonical) -> AnyMask {
    if canonical.is_trivial() { mask } else { Arc::new(OfColumn { mask, canonical }) }
}

/// A mask for values that are not canonical as they are.
#[derive(Debug)]
struct OfColumn {
    mask: AnyMask,
    canonical: Canonical,
}

impl Mask for OfColumn {
    fn apply(&self, value: &mut Value) {
        self.canonical.apply(value);
        self.mask.apply(value);
    }

    fn fill(&self, originals: &Block, out: &mut Block) {
        with_spare(|canonical| {
            for at in 0..originals.len() {
                self.canonical.copy(originals.get(at), canonical);
            }
            self.mask.fill(canonical, out);
        });
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

/// Writes the text that `mask` appends, given a value's text form.
pub(super) fn replace_text(
    original: ValueRef<'_>,
    out: &mut impl Slot,
    mask: impl FnOnce(&str, &mut Text<'_>),
) {
    match original {
        ValueRef::Text(original) => out.text(|out| mask(original, out)),
        other => {
            let original = other.to_value().to_string();
            out.text(|out| mask(&original, out));
        }
    }
}

/// Changes the last digit of a keyed hash that is the original itself, as a short one may be by chance:
/// to 1 if it is 0, else to 0.
pub(super) fn unlike(original: &str, hash_end: usize, out: &mut Text<'_>) {
    if out.as_bytes() != original.as_bytes() {
        return;
    }
    if let Some(last) = out.as_bytes_mut()[..hash_end].last_mut() {
        *last = if *last == b'0' { b'1' } else { b'0' };
    }
}
