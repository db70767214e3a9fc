//! PostgreSQL's arrays as lists of Arrow.

use std::str::FromStr;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, ListBuilder, PrimitiveBuilder, StringBuilder,
};
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
};
use arrow_schema::DataType;
use tdata_core::sql::array_elements;
use tdata_core::value::{Block, Value};

/// Reads the texts of arrays; `None` where one is none, or has elements of another type.
pub(super) fn lists(element: &DataType, block: &Block) -> Option<ArrayRef> {
    match element {
        DataType::Boolean => of(block, BooleanBuilder::new(), |builder, element| {
            let truth = element.map(|text| match text.as_str() {
                "t" | "true" => Some(true),
                "f" | "false" => Some(false),
                _ => None,
            });
            builder.append_option(transposed(truth)?);
            Some(())
        }),
        DataType::Int16 => numbers::<Int16Type>(block),
        DataType::Int32 => numbers::<Int32Type>(block),
        DataType::Int64 => numbers::<Int64Type>(block),
        DataType::Float32 => numbers::<Float32Type>(block),
        DataType::Float64 => numbers::<Float64Type>(block),
        _ => of(block, StringBuilder::new(), |builder, element| {
            builder.append_option(element);
            Some(())
        }),
    }
}

fn numbers<T: ArrowPrimitiveType>(block: &Block) -> Option<ArrayRef>
where
    T::Native: FromStr,
{
    of(block, PrimitiveBuilder::<T>::new(), |builder, element| {
        let number = element.map(|text| text.trim().parse().ok());
        builder.append_option(transposed(number)?);
        Some(())
    })
}

/// Turns what may be null and may be wrong into what is wrong or may be null.
fn transposed<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
    }
}

fn of<B: ArrayBuilder>(
    block: &Block,
    builder: B,
    append: impl Fn(&mut B, Option<String>) -> Option<()>,
) -> Option<ArrayRef> {
    let mut lists = ListBuilder::new(builder);
    for at in 0..block.len() {
        match block.value(at) {
            Value::Null => lists.append_null(),
            Value::Text(text) => {
                for element in array_elements(&text)? {
                    append(lists.values(), element)?;
                }
                lists.append(true);
            }
            _ => return None,
        }
    }
    Some(Arc::new(lists.finish()))
}
