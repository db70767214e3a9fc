//! What every masking technique is.

use std::cell::Cell;
use std::{fmt, mem};

use crate::generate::{Value, ValueKind};

/// How a mask spreads different values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Different values always get different masks.
    Injective,
    /// Values are hashed onto that many masks: unique only with a probability.
    Hashed(u128),
    /// Masks are not meant to differ.
    Constant,
}

/// Replaces personal values.
///
/// A mask has no state: under one key, the same value always gets the same mask. It cannot fail:
/// that it fits its column was proved when it was built.
pub trait Mask: Send + Sync + fmt::Debug {
    /// Replaces a value that is not null.
    fn apply(&self, value: &mut Value);

    /// Returns the kind of the masks of values of kind `input`; `None` when it masks no such values.
    fn kind(&self, input: ValueKind) -> Option<ValueKind>;

    /// Returns the most characters a mask has when the value has at most `input`.
    fn max_length(&self, input: usize) -> usize;

    /// Says whether different values stay different.
    fn spread(&self) -> Spread;
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
