//! Which types of Parquet columns have.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use tdata_core::plan::{DatasetPlan, FieldPlan};
use tdata_core::sql::{Scalar, SqlType};
use tdata_core::value::Block;

use super::arrays;
use crate::error::JobError;

/// The columns of a dataset.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    schema: SchemaRef,
}

/// The most digits that a decimal number of Arrow has.
const MOST_DIGITS: u16 = 38;

/// The microseconds of `timestamptz`, which is a point in time.
const UTC: &str = "UTC";

impl Columns {
    pub(crate) fn new(dataset: &DatasetPlan) -> Self {
        let fields: Fields = dataset.fields.iter().map(field).collect();
        Self { schema: Arc::new(Schema::new(fields)) }
    }

    /// Returns their names and types.
    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Turns blocks into a batch.
    pub(crate) fn batch(
        &self,
        dataset: &DatasetPlan,
        blocks: &[Block],
    ) -> Result<RecordBatch, JobError> {
        let fields = self.schema.fields().iter().zip(blocks).enumerate();
        let arrays: Result<Vec<ArrayRef>, JobError> = fields
            .map(|(place, (field, block))| {
                let array = arrays::array(field.data_type(), block);
                array.ok_or_else(|| JobError::other_kind(dataset, place))
            })
            .collect();
        RecordBatch::try_new(self.schema(), arrays?)
            .map_err(|error| JobError::parquet(error.into()))
    }
}

/// What other programs are told of a column whose type Arrow has no word for.
fn extension(sql_type: &SqlType) -> Option<&'static str> {
    match sql_type.scalar() {
        Some(Scalar::Uuid) => Some("arrow.uuid"),
        Some(Scalar::Json | Scalar::Jsonb) => Some("arrow.json"),
        _ => None,
    }
}

fn field(plan: &FieldPlan) -> Field {
    let field = Field::new(&plan.name, data_type(&plan.sql_type), true);
    let Some(name) = extension(&plan.sql_type) else { return field };
    let (name, none) = (name.to_owned(), String::new());
    field.with_metadata(HashMap::from([
        ("ARROW:extension:name".to_owned(), name),
        ("ARROW:extension:metadata".to_owned(), none),
    ]))
}

/// Returns the type of Arrow that holds all values of a type; text where there is no other.
pub(super) fn data_type(sql_type: &SqlType) -> DataType {
    if let SqlType::Array(array) = sql_type.base()
        && array.dimensions <= 1
    {
        let element = match data_type(&array.element) {
            plain @ (DataType::Boolean
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64) => plain,
            _ => DataType::Utf8,
        };
        return DataType::List(Arc::new(Field::new_list_field(element, true)));
    }
    match sql_type.scalar() {
        Some(Scalar::Boolean) => DataType::Boolean,
        Some(Scalar::SmallInt) => DataType::Int16,
        Some(Scalar::Integer) => DataType::Int32,
        Some(Scalar::BigInt) => DataType::Int64,
        Some(Scalar::Real) => DataType::Float32,
        Some(Scalar::Double) => DataType::Float64,
        // Without a scale nobody knows how many digits stand behind the point.
        Some(Scalar::Numeric(Some((precision @ ..=MOST_DIGITS, scale @ 0..))))
            if i32::from(scale) <= i32::from(precision) =>
        {
            DataType::Decimal128(precision as u8, scale as i8)
        }
        Some(Scalar::Date) => DataType::Date32,
        Some(Scalar::Timestamp(_)) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Some(Scalar::TimestampTz(_)) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into()))
        }
        Some(Scalar::Uuid) => DataType::FixedSizeBinary(16),
        Some(Scalar::Bytea) => DataType::Binary,
        _ => DataType::Utf8,
    }
}
