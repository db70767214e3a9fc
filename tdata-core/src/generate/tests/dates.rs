//! Points in time stay within their bounds.

use crate::definition::{Instant, MICROS_PER_DAY};
use crate::value::Value;

use super::samples::{Sample, as_of, nth};

/// The first and the last value of a generator, and all of some draws.
fn instants(sample: Sample) -> Vec<Instant> {
    let generator = sample.generator();
    let mut values: Vec<Value> = (0..2_000).map(|row| sample.draw(&*generator, row)).collect();
    values.extend([0, generator.capacity() - 1].map(|number| nth(&*generator, number)));
    values
        .into_iter()
        .map(|value| match value {
            Value::Date(days) => Instant::from_micros(i64::from(days) * MICROS_PER_DAY),
            Value::Timestamp(instant) => instant,
            value => panic!("{value:?}"),
        })
        .collect()
}

fn bounds(sample: Sample) -> (String, String) {
    let instants = instants(sample);
    (instants.iter().min().unwrap().to_string(), instants.iter().max().unwrap().to_string())
}

#[test]
fn both_ends_are_part_of_the_range() {
    for (generator, sql_type, parameters, first, last) in [
        ("datetime_between", "timestamp", "", "2023-05-01T00:00:00Z", "2024-05-01T00:00:00Z"),
        ("datetime_between", "date", "", "2023-05-01T00:00:00Z", "2024-05-01T00:00:00Z"),
        (
            "datetime_between",
            "timestamptz",
            "start_date: '2024-01-31T23:00:00.5Z', end_date: '2024-02-01T01:02:03.9Z'",
            "2024-01-31T23:00:01Z",
            "2024-02-01T01:02:03Z",
        ),
        (
            "date_between",
            "date",
            "start_date: '1960-02-29T10:00:00', end_date: '1970-01-02T10:00:00'",
            "1960-02-29T00:00:00Z",
            "1970-01-02T00:00:00Z",
        ),
        (
            "date_between",
            "timestamp",
            "start_date: '1960-02-29T10:00:00', end_date: '1970-01-02T10:00:00'",
            "1960-03-01T00:00:00Z",
            "1970-01-02T00:00:00Z",
        ),
        (
            "datetime_between",
            "timestamp(3)",
            "end_date: +2d",
            "2023-05-01T00:00:00Z",
            "2024-05-03T00:00:00Z",
        ),
    ] {
        let bounds = bounds(Sample(generator, sql_type, parameters));
        assert_eq!(bounds, (first.to_owned(), last.to_owned()), "{generator} {parameters}");
    }
}

#[test]
fn nothing_exceeds_the_as_of_time_unless_asked() {
    for generator in ["datetime_between", "date_between"] {
        for parameters in ["", "start_date: -1d", "start_date: now", "distribution: normal"] {
            for sql_type in ["date", "timestamp"] {
                let instants = instants(Sample(generator, sql_type, parameters));
                assert!(instants.iter().all(|instant| *instant <= as_of()));
            }
        }
    }
}

#[test]
fn people_have_the_ages_asked_for() {
    let (oldest, youngest) = bounds(Sample("date_of_birth", "date", ""));
    assert_eq!((&oldest[..10], &youngest[..10]), ("1933-05-02", "2006-05-01"));
    let sample = Sample("date_of_birth", "timestamp", "min_age: 0, max_age: 0");
    let (oldest, youngest) = bounds(sample);
    assert_eq!((&oldest[..10], &youngest[..10]), ("2023-05-02", "2024-05-01"));
}
