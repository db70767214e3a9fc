//! Parquet, read again by content.

#![cfg(feature = "parquet")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shop;

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use arrow_array::{Array as _, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tdata_core::plan::Plan;
use tdata_core::value::Value;
use tdata_jobs::{Compression, Format, Manifest, generate};

fn read(file: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap();
    reader.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect()
}

/// Makes rows in a file, and reads them.
fn made(plan: &Plan, dataset: &str, rows: std::ops::Range<u64>, threads: usize) -> RecordBatch {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.parquet");
    let mut asked = shop::into_file(dataset, rows, Format::Parquet, &file);
    asked.threads = threads.try_into().unwrap();
    asked.compression = (threads > 1).then_some(Compression::Zstd);
    generate(&asked, plan, &()).unwrap();
    let batches = read(&file);
    assert_eq!(batches.len(), 1, "so few rows are read at once");
    batches[0].clone()
}

#[test]
fn rows_are_the_same_by_content_however_they_are_cut() {
    let plan = shop::planned(&["kinds"]);
    let whole = made(&plan, "kinds", 16_000..17_000, 2);
    let (one, other) =
        (made(&plan, "kinds", 16_000..16_390, 1), made(&plan, "kinds", 16_390..17_000, 3));
    assert_eq!((whole.num_rows(), one.num_rows()), (1000, 390));
    assert_eq!(whole.slice(0, 390), one);
    assert_eq!(whole.slice(390, 610), other);
}

#[test]
fn every_cell_is_there_in_the_type_of_its_column() {
    let plan = shop::planned(&["kinds"]);
    let dataset = plan.dataset("kinds").unwrap();
    let batch = made(&plan, "kinds", 0..500, 1);
    let names: Vec<&String> = batch.schema_ref().fields().iter().map(|one| one.name()).collect();
    let expected: Vec<&String> = dataset.fields.iter().map(|field| &field.name).collect();
    assert_eq!(names, expected);
    let micros = |instant: &tdata_core::definition::Instant| instant.micros();
    let mut row = Vec::new();
    for at in 0..500 {
        dataset.write_row(at as u64, &mut row);
        for (column, value) in batch.columns().iter().zip(&row) {
            let is_same = match (column.data_type(), value) {
                (_, Value::Null) => column.is_null(at),
                (DataType::Int64, Value::Int(n)) => {
                    column.as_primitive::<Int64Type>().value(at) == *n
                }
                (DataType::Int16, Value::Int(n)) => {
                    i64::from(column.as_primitive::<Int16Type>().value(at)) == *n
                }
                (DataType::Decimal128(12, 4), Value::Decimal { unscaled, scale }) => {
                    let more = 10i128.pow(u32::from(4 - scale));
                    let found = column.as_primitive::<Decimal128Type>().value(at);
                    found == i128::from(*unscaled) * more
                }
                (DataType::Float64, value) => {
                    let expected: f64 = value.to_string().parse().unwrap();
                    column.as_primitive::<Float64Type>().value(at) == expected
                }
                (DataType::Utf8, value) => column.as_string::<i32>().value(at) == value.to_string(),
                (DataType::Boolean, Value::Bool(truth)) => column.as_boolean().value(at) == *truth,
                (DataType::Date32, Value::Date(days)) => {
                    column.as_primitive::<Date32Type>().value(at) == *days
                }
                (DataType::Timestamp(TimeUnit::Microsecond, _), Value::Timestamp(instant)) => {
                    column.as_primitive::<TimestampMicrosecondType>().value(at) == micros(instant)
                }
                (DataType::FixedSizeBinary(16), Value::Uuid(uuid)) => {
                    column.as_fixed_size_binary().value(at) == uuid.to_be_bytes()
                }
                other => panic!("{other:?}"),
            };
            assert!(is_same, "row {at} of {}", column.data_type());
        }
    }
}

#[test]
fn arrays_bytes_and_json_are_read_out_of_their_texts() {
    let plan = shop::planned(&["written"]);
    let batch = made(&plan, "written", 0..3, 1);
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let numbers = column("numbers").as_list::<i32>();
    let first = numbers.value(0);
    let first: Vec<Option<i32>> = first.as_primitive::<Int32Type>().iter().collect();
    assert_eq!(first, [Some(1), None, Some(-3)]);
    assert_eq!((numbers.value_length(1), numbers.value_length(2)), (0, 1));
    let words = column("words").as_list::<i32>().value(0);
    let words: Vec<Option<&str>> = words.as_string::<i32>().iter().collect();
    assert_eq!(words, [Some("a"), Some("b,c"), Some("d\"e"), None, Some("NULL")]);
    assert!(column("truths").is_null(1));
    assert_eq!(column("bytes").as_binary::<i32>().value(0), [0, 255, 0x5c]);
    assert_eq!(column("json").as_string::<i32>().value(0), "{\"a\": [1,\n2]}");
    assert_eq!(column("free").as_string::<i32>().value(0), "12.5");
    let field = batch.schema_ref().field_with_name("jsonb").unwrap().clone();
    assert_eq!(
        field.metadata().get("ARROW:extension:name").map(String::as_str),
        Some("arrow.json")
    );
}

#[test]
fn checksums_are_those_of_other_formats() {
    let plan = shop::planned(&["kinds"]);
    let sum = |format| {
        let folder = tempfile::tempdir().unwrap();
        let (file, manifest) = (folder.path().join("rows"), folder.path().join("m.json"));
        let asked = shop::into_file("kinds", 16_000..17_000, format, &file);
        generate(&shop::recorded(asked, &manifest, "same"), &plan, &()).unwrap();
        let manifest = Manifest::read(&manifest).unwrap();
        let part = &manifest.datasets[0].parts[0];
        assert_eq!(part.bytes, std::fs::metadata(&file).unwrap().len());
        part.checksum
    };
    assert_eq!(sum(Format::Parquet), sum(Format::Csv));
}
