//! Fields that can be null.

use tdata_core::sql::SqlKinds;
use tdata_core::value::Value;

use super::cells::Cells;
use super::field_type::{FieldType, Mismatch};

impl<T: FieldType> FieldType for Option<T> {
    const HOLDS: SqlKinds = T::HOLDS;
    const NULLABLE: bool = true;
    const CHOICES: Option<&'static [&'static str]> = T::CHOICES;

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    #[inline]
    fn fill_cell(&self, cells: &mut Cells<'_>) {
        match self {
            Some(value) => value.fill_cell(cells),
            None => cells.push(Value::Null),
        }
    }
}
