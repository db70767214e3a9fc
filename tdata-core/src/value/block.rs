//! The values of a column in some rows.

use super::single::Value;
use super::slot::Slot;
use super::text::{Text, written};
use super::utf8::utf8;
use super::value_ref::ValueRef;
use crate::definition::Instant;

/// The values of a column in some rows, in order.
///
/// A block is made to be filled again and again: it keeps its memory.
#[derive(Clone, Debug, Default)]
pub struct Block {
    data: Data,
    /// Whether each value is null; empty where none is. In `data` anything stands for a null.
    nulls: Vec<bool>,
}

/// The values of a block, those of one kind together.
#[derive(Clone, Debug)]
pub enum Data {
    /// Truth values.
    Bool(Vec<bool>),
    /// Whole numbers.
    Int(Vec<i64>),
    /// Decimal numbers: whole numbers, each divided by ten to the power of `scale`.
    Decimal {
        /// The digits as whole numbers.
        unscaled: Vec<i64>,
        /// How many of the digits stand behind the point.
        scale: u8,
    },
    /// Floating-point numbers.
    Float(Vec<f64>),
    /// Texts, one behind the other, and where each ends.
    Text {
        /// All of them, in UTF-8.
        texts: Vec<u8>,
        /// Where each ends, in bytes.
        ends: Vec<usize>,
    },
    /// Dates, in days since 1970-01-01.
    Date(Vec<i32>),
    /// Points in time.
    Timestamp(Vec<Instant>),
    /// UUIDs.
    Uuid(Vec<u128>),
    /// Values of any kinds.
    Mixed(Vec<Value>),
}

impl Default for Data {
    fn default() -> Self {
        Self::Mixed(Vec::new())
    }
}

/// Makes values of one kind out of the first value of a block; `nulls` stand before it.
macro_rules! begun {
    ($data:ident, $value:expr, $nulls:expr, $default:expr) => {{
        let mut values = vec![$default; $nulls];
        values.push($value);
        Data::$data(values)
    }};
}

impl Data {
    fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::Int(values) => values.len(),
            Self::Decimal { unscaled, .. } => unscaled.len(),
            Self::Float(values) => values.len(),
            Self::Text { ends, .. } => ends.len(),
            Self::Date(values) => values.len(),
            Self::Timestamp(values) => values.len(),
            Self::Uuid(values) => values.len(),
            Self::Mixed(values) => values.len(),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Bool(values) => values.clear(),
            Self::Int(values) => values.clear(),
            Self::Decimal { unscaled, .. } => unscaled.clear(),
            Self::Float(values) => values.clear(),
            Self::Text { texts, ends } => {
                texts.clear();
                ends.clear();
            }
            Self::Date(values) => values.clear(),
            Self::Timestamp(values) => values.clear(),
            Self::Uuid(values) => values.clear(),
            Self::Mixed(values) => values.clear(),
        }
    }

    fn get(&self, at: usize) -> ValueRef<'_> {
        match self {
            Self::Bool(values) => ValueRef::Bool(values[at]),
            Self::Int(values) => ValueRef::Int(values[at]),
            Self::Decimal { unscaled, scale } => {
                ValueRef::Decimal { unscaled: unscaled[at], scale: *scale }
            }
            Self::Float(values) => ValueRef::Float(values[at]),
            Self::Text { texts, ends } => ValueRef::Text(utf8(text(texts, ends, at))),
            Self::Date(values) => ValueRef::Date(values[at]),
            Self::Timestamp(values) => ValueRef::Timestamp(values[at]),
            Self::Uuid(values) => ValueRef::Uuid(values[at]),
            Self::Mixed(values) => ValueRef::from(&values[at]),
        }
    }

    /// Adds what stands for a null.
    fn push_null(&mut self) {
        match self {
            Self::Bool(values) => values.push(false),
            Self::Int(values) => values.push(0),
            Self::Decimal { unscaled, .. } => unscaled.push(0),
            Self::Float(values) => values.push(0.0),
            Self::Text { texts, ends } => ends.push(texts.len()),
            Self::Date(values) => values.push(0),
            Self::Timestamp(values) => values.push(Instant::from_micros(0)),
            Self::Uuid(values) => values.push(0),
            Self::Mixed(values) => values.push(Value::Null),
        }
    }

    /// Begins with a value behind so many nulls.
    fn beginning(nulls: usize, value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Bool(value) => begun!(Bool, value, nulls, false),
            ValueRef::Int(number) => begun!(Int, number, nulls, 0),
            ValueRef::Decimal { unscaled, scale } => {
                let mut digits = vec![0; nulls];
                digits.push(unscaled);
                Self::Decimal { unscaled: digits, scale }
            }
            ValueRef::Float(number) => begun!(Float, number, nulls, 0.0),
            ValueRef::Text(text) => {
                let mut ends = vec![0; nulls];
                ends.push(text.len());
                Self::Text { texts: text.as_bytes().to_vec(), ends }
            }
            ValueRef::Date(days) => begun!(Date, days, nulls, 0),
            ValueRef::Timestamp(instant) => {
                begun!(Timestamp, instant, nulls, Instant::from_micros(0))
            }
            ValueRef::Uuid(uuid) => begun!(Uuid, uuid, nulls, 0),
            ValueRef::Null => begun!(Mixed, Value::Null, nulls, Value::Null),
        }
    }
}

/// Returns text number `at` of several.
#[inline]
pub(super) fn text<'a>(texts: &'a [u8], ends: &[usize], at: usize) -> &'a [u8] {
    let start = if at == 0 { 0 } else { ends[at - 1] };
    &texts[start..ends[at]]
}

impl Block {
    /// Makes one without values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns how many values there are.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Tells whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes all values away, and keeps their memory.
    pub fn clear(&mut self) {
        self.data.clear();
        self.nulls.clear();
    }

    /// Returns the values. In the place of a [null](Self::is_null) stands anything.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Returns the texts of a block of texts, one behind the other, and where each ends, in bytes. In the place of a
    /// [null](Self::is_null) stands anything.
    pub fn texts(&self) -> Option<(&str, &[usize])> {
        match &self.data {
            Data::Text { texts, ends } => Some((utf8(texts), ends)),
            _ => None,
        }
    }

    /// Tells whether some values may be null.
    #[inline]
    pub fn has_nulls(&self) -> bool {
        !self.nulls.is_empty()
    }

    /// Tells whether a value is null.
    ///
    /// # Panics
    ///
    /// When there are some nulls, and fewer values.
    #[inline]
    pub fn is_null(&self, at: usize) -> bool {
        !self.nulls.is_empty() && self.nulls[at]
    }

    /// Adds a value.
    pub fn push(&mut self, value: &Value) {
        self.copy(value.into());
    }

    /// Adds a text.
    pub fn push_text(&mut self, text: &str) {
        Slot::text(self, |out| out.push_str(text));
    }

    /// Makes a value null.
    pub(crate) fn set_null(&mut self, at: usize) {
        self.nulls.resize(self.data.len(), false);
        self.nulls[at] = true;
    }

    /// Returns a value, as one of its own.
    ///
    /// # Panics
    ///
    /// When there are not so many.
    pub fn value(&self, at: usize) -> Value {
        self.get(at).to_value()
    }

    /// Returns a value.
    ///
    /// # Panics
    ///
    /// When there are not so many.
    pub(crate) fn get(&self, at: usize) -> ValueRef<'_> {
        if self.is_null(at) { ValueRef::Null } else { self.data.get(at) }
    }

    #[inline]
    fn pushed(&mut self) {
        if !self.nulls.is_empty() {
            self.nulls.push(false);
        }
    }

    /// Adds a value of another kind than those that are there.
    #[cold]
    fn push_other(&mut self, value: ValueRef<'_>) {
        let before = self.data.len();
        if let Data::Mixed(values) = &mut self.data
            && values.iter().any(|value| !value.is_null())
        {
            values.push(value.to_value());
        } else if self.nulls.iter().filter(|is_null| **is_null).count() == before {
            self.data = Data::beginning(before, value);
        } else {
            let values = (0..before).map(|at| self.get(at).to_value());
            let values: Vec<Value> = values.chain([value.to_value()]).collect();
            self.data = Data::Mixed(values);
        }
        self.pushed();
    }
}

/// Adds a value to those of its kind.
macro_rules! push {
    ($block:expr, $data:ident, $value:expr) => {{
        if let Data::$data(values) = &mut $block.data {
            values.push($value);
            $block.pushed();
        } else {
            $block.push_other(ValueRef::$data($value));
        }
    }};
}

impl Slot for Block {
    fn null(&mut self) {
        self.nulls.resize(self.data.len(), false);
        self.data.push_null();
        self.nulls.push(true);
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        push!(self, Bool, value);
    }

    #[inline]
    fn int(&mut self, number: i64) {
        push!(self, Int, number);
    }

    #[inline]
    fn decimal(&mut self, unscaled: i64, scale: u8) {
        match &mut self.data {
            Data::Decimal { unscaled: digits, scale: known } if *known == scale => {
                digits.push(unscaled);
                self.pushed();
            }
            _ => self.push_other(ValueRef::Decimal { unscaled, scale }),
        }
    }

    fn float(&mut self, number: f64) {
        push!(self, Float, number);
    }

    #[inline]
    fn date(&mut self, days: i32) {
        push!(self, Date, days);
    }

    #[inline]
    fn timestamp(&mut self, instant: Instant) {
        push!(self, Timestamp, instant);
    }

    #[inline]
    fn uuid(&mut self, uuid: u128) {
        push!(self, Uuid, uuid);
    }

    #[inline]
    fn text(&mut self, write: impl FnOnce(&mut Text<'_>)) {
        if let Data::Text { texts, ends } = &mut self.data {
            write(&mut Text::behind(texts));
            ends.push(texts.len());
            self.pushed();
        } else {
            self.push_other(ValueRef::Text(&written(write)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (any::<i64>(), 0u8..3).prop_map(|(unscaled, scale)| Value::Decimal { unscaled, scale }),
            Just(Value::Float(0.5)),
            "[a-zé]{0,3}".prop_map(Value::Text),
            any::<i32>().prop_map(Value::Date),
            any::<u32>().prop_map(|at| Value::Timestamp(Instant::from_micros(at.into()))),
            any::<u128>().prop_map(Value::Uuid),
        ]
    }

    proptest! {
        #[test]
        fn a_block_holds_what_was_written(
            rounds in proptest::collection::vec(proptest::collection::vec(value(), 0..6), 1..4),
        ) {
            let mut block = Block::new();
            for values in rounds {
                block.clear();
                values.iter().for_each(|value| block.copy(value.into()));
                let found: Vec<Value> = (0..block.len()).map(|at| block.get(at).to_value()).collect();
                prop_assert_eq!(found, values);
            }
        }
    }

    #[test]
    fn values_of_one_kind_stay_together_behind_nulls() {
        let mut block = Block::new();
        block.null();
        block.int(5);
        block.null();
        assert!(matches!(block.data(), Data::Int(values) if *values == [0, 5, 0]));
        assert!(block.is_null(0) && !block.is_null(1) && block.is_null(2));
    }
}
