//! A row's values on their way into a record.

use tdata_core::value::Value;

use super::descriptor::Descriptor;
use super::error::RecordError;
use crate::field::Mismatch;

/// A row's values, taken one by one in the order of a record's columns.
pub struct Values<'a> {
    descriptor: &'static Descriptor,
    values: std::iter::Enumerate<std::slice::IterMut<'a, Value>>,
}

impl<'a> Values<'a> {
    /// Starts at the first value.
    pub fn new(descriptor: &'static Descriptor, values: &'a mut [Value]) -> Self {
        Self { descriptor, values: values.iter_mut().enumerate() }
    }

    /// Takes the next value, as `read` reads it.
    ///
    /// # Errors
    ///
    /// When it does not fit, or there is none.
    pub fn read<T>(
        &mut self,
        read: impl FnOnce(Value) -> Result<T, Mismatch>,
    ) -> Result<T, RecordError> {
        let (at, value) = match self.values.next() {
            Some((at, value)) => (at, std::mem::replace(value, Value::Null)),
            None => (self.descriptor.columns.len().saturating_sub(1), Value::Null),
        };
        read(value).map_err(|found| {
            let column = &self.descriptor.columns[at];
            let (record, field, rust_type) =
                (self.descriptor.record, column.name, column.rust_type);
            RecordError { record, field, rust_type, found }
        })
    }
}

/// Names the record, and shows no value.
impl std::fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Values of {}", self.descriptor.record)
    }
}
