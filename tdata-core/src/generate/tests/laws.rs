//! What holds for every generator.

use std::collections::HashSet;

use crate::generate::{GENERATORS, UniqueBy};
use crate::value::{Block, Value, ValueKind};

use super::samples::{ROWS, SAMPLES, nth};

/// How many numbers stand for all of a generator's.
const SPREAD: u64 = 1_000;

#[test]
fn every_generator_has_a_sample() {
    for entry in GENERATORS {
        let sampled = SAMPLES.iter().any(|sample| sample.0 == entry.name);
        assert!(sampled, "`{}` has no sample in generate/tests/samples.rs", entry.name);
    }
}

#[test]
fn different_numbers_have_different_values() {
    for sample in SAMPLES.iter().filter(|sample| sample.0 != "null") {
        let generator = sample.generator();
        let capacity = generator.capacity();
        assert!(capacity > 0, "{}", sample.title());
        let mut numbers: HashSet<u64> = (0..capacity.min(SPREAD)).collect();
        numbers.extend((0..SPREAD).map(|step| {
            // Spread from the first number to the last.
            let most = u128::from(capacity - 1);
            (most * u128::from(step) / u128::from(SPREAD - 1)) as u64
        }));
        let mut values = HashSet::new();
        for number in numbers {
            // `u64::MAX` stands for that many or more: the last number below it is one less.
            let number = number.min(u64::MAX - 1);
            let value = nth(&*generator, number).to_string();
            assert!(values.insert(value.clone()), "{}: {number} is {value} too", sample.title());
        }
    }
}

#[test]
fn small_capacities_are_exact() {
    for sample in SAMPLES.iter().filter(|sample| sample.0 != "null") {
        let generator = sample.generator();
        let capacity = generator.capacity();
        if capacity > 50_000 {
            continue;
        }
        let values: HashSet<String> =
            (0..capacity).map(|number| nth(&*generator, number).to_string()).collect();
        assert_eq!(values.len() as u64, capacity, "{}", sample.title());
    }
}

#[test]
fn rows_that_make_values_unique_do() {
    for sample in SAMPLES.iter().filter(|sample| sample.0 != "null") {
        let generator = sample.generator();
        if generator.unique_by() != UniqueBy::Row {
            continue;
        }
        let texts: HashSet<String> = sample.texts(SPREAD).into_iter().collect();
        assert_eq!(texts.len() as u64, SPREAD, "{}", sample.title());
    }
}

#[test]
fn no_value_is_longer_than_promised() {
    for sample in SAMPLES {
        let generator = sample.generator();
        let most = generator.max_length(ROWS);
        let limit = sample.sql_type().length_limit();
        assert!(limit.is_none_or(|limit| most <= limit), "{}: {most}", sample.title());
        let mut longest = 0;
        let mut check = |value: Value| {
            let text = value.to_string();
            longest = longest.max(text.chars().count());
            assert!(text.chars().count() <= most, "{}: {text} {most}", sample.title());
        };
        for row in (0..SPREAD).chain(ROWS - 1..ROWS) {
            check(sample.draw(&*generator, row));
        }
        if generator.unique_by() == UniqueBy::Number {
            let capacity = generator.capacity();
            let step = (capacity / SPREAD).max(1);
            for number in (0..capacity.min(SPREAD)).map(|at| at * step) {
                check(nth(&*generator, number));
            }
        }
        // A bound that no value comes near would refuse columns that are long enough.
        assert!(2 * longest >= most, "{}: {longest} of {most}", sample.title());
    }
}

#[test]
fn blocks_have_the_values_of_single_cells() {
    for sample in SAMPLES {
        let generator = sample.generator();
        let rows: Vec<u64> = (0..300).chain([5, ROWS - 1]).collect();
        let mut block = Block::new();
        generator.fill_rows(&sample.key(), &rows, &mut block);
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(block.value(at), sample.draw(&*generator, *row), "{}", sample.title());
        }
        let numbers: Vec<u64> = rows.iter().map(|row| row % generator.capacity()).collect();
        block.clear();
        generator.fill_numbers(&numbers, &mut block);
        for (at, number) in numbers.iter().enumerate() {
            assert_eq!(block.value(at), nth(&*generator, *number), "{}", sample.title());
        }
    }
}

#[test]
fn values_are_of_the_kind_promised() {
    for sample in SAMPLES {
        let generator = sample.generator();
        for value in [sample.draw(&*generator, 3), nth(&*generator, 0)] {
            let fits = matches!(
                (&value, generator.kind()),
                (Value::Bool(_), ValueKind::Bool)
                    | (Value::Int(_), ValueKind::Int)
                    | (Value::Decimal { .. }, ValueKind::Decimal)
                    | (Value::Text(_), ValueKind::Text | ValueKind::Inet)
                    | (Value::Date(_), ValueKind::Date)
                    | (Value::Timestamp(_), ValueKind::Timestamp)
                    | (Value::Uuid(_), ValueKind::Uuid)
            );
            let null = value.is_null() && sample.0 == "null";
            assert!(fits || null, "{}: {value:?}", sample.title());
        }
    }
}

#[test]
fn whole_numbers_stay_in_the_range_promised() {
    for sample in SAMPLES {
        let generator = sample.generator();
        let Some((least, most)) = generator.integer_range(ROWS) else { continue };
        for row in (0..SPREAD).chain(ROWS - 1..ROWS) {
            let Value::Int(number) = sample.draw(&*generator, row) else { continue };
            assert!((least..=most).contains(&number), "{}: {number}", sample.title());
        }
    }
}

#[test]
fn the_same_cell_has_the_same_value_whatever_was_there_before() {
    for sample in SAMPLES {
        let (one, other) = (sample.generator(), sample.generator());
        for row in [0, 1, 17, ROWS - 1] {
            assert_eq!(sample.draw(&*one, row), sample.draw(&*other, row), "{}", sample.title());
        }
        let mut used = Value::Text("something longer that was there before".repeat(9));
        one.nth(0, &mut used);
        assert_eq!(used, nth(&*other, 0), "{}", sample.title());
    }
}
