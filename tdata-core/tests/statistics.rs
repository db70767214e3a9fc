//! What definitions say of how often values come, tested over a million rows each. Seeds are fixed, so that a test that
//! passes once passes always.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, plan};
use tdata_core::value::{Block, Value};

const ROWS: u64 = 1_000_000;

/// How unlikely a finding has to be, if the promise holds, to count against it.
const UNLIKELY: f64 = 1e-6;

/// The quantile of the standard normal distribution that so unlikely a value exceeds.
const UNLIKELY_NORMAL: f64 = 4.753;

/// Plans a million rows of `rows`, with the fields, and a hundred parents.
fn planned(fields: &str) -> Plan {
    let mut library = Library::default();
    let parents = "{ name: id, type: integer, generator: sequence }";
    let id = "{ name: id, type: integer, generator: sequence }";
    for (name, fields) in
        [("parents", parents.to_owned()), ("rows", format!("{id}\n    - {fields}"))]
    {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  \
             table: {name}\n  fields:\n    - {fields}\n"
        );
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    let contract = Contract::new(["rows", "parents"], "2024-05-01".parse().unwrap());
    let contract = contract.volume("rows", ROWS).volume("parents", PARENTS);
    plan(&contract, &library, &MaskKey::development(), &Catalog::default()).expect("it is planned")
}

const PARENTS: u64 = 100;

/// Returns all values of the second field.
fn values(plan: &Plan) -> Vec<Value> {
    let dataset = plan.dataset("rows").unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut values = Vec::new();
    for first in (0..ROWS).step_by(10_000) {
        dataset.fill(first..first + 10_000, &mut blocks);
        values.extend((0..blocks[1].len()).map(|at| blocks[1].value(at)));
    }
    assert_eq!(values.len() as u64, ROWS);
    values
}

fn numbers(plan: &Plan) -> Vec<i64> {
    let number = |value| match value {
        Value::Int(number) => number,
        other => panic!("no whole number: {other:?}"),
    };
    values(plan).into_iter().map(number).collect()
}

fn counts<T: Ord>(values: impl IntoIterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_insert(0) += 1;
    }
    counts
}

/// Tests counts against the shares they should have, by Pearson's chi-squared.
fn assert_shares(counts: &[u64], shares: &[f64]) {
    assert_eq!(counts.len(), shares.len());
    let total: f64 = shares.iter().sum();
    let rows: u64 = counts.iter().sum();
    let distance = counts.iter().zip(shares).map(|(count, share)| {
        let expected = rows as f64 * share / total;
        assert!(expected > 5.0, "too few are expected for the test");
        (*count as f64 - expected).powi(2) / expected
    });
    let (distance, freedom) = (distance.sum::<f64>(), (counts.len() - 1) as f64);
    // The quantile, after Wilson and Hilferty (1931).
    let spread = 2.0 / (9.0 * freedom);
    let most = freedom * (1.0 - spread + UNLIKELY_NORMAL * spread.sqrt()).powi(3);
    assert!(distance < most, "chi-squared is {distance:.1}, at most {most:.1} is likely");
}

/// Tests numbers against the share that should be below each, by Kolmogorov and Smirnov's greatest distance.
fn assert_below(mut numbers: Vec<f64>, below: impl Fn(f64) -> f64) {
    numbers.sort_by(f64::total_cmp);
    let rows = numbers.len() as f64;
    let distance = numbers.iter().enumerate().map(|(at, number)| {
        let expected = below(*number);
        (expected - at as f64 / rows).abs().max(((at + 1) as f64 / rows - expected).abs())
    });
    let (distance, most) =
        (distance.fold(0.0, f64::max), (-(UNLIKELY / 2.0).ln() / 2.0 / rows).sqrt());
    assert!(distance < most, "the greatest distance is {distance:.5}, at most {most:.5} is likely");
}

/// Tests how often something came that has a probability.
fn assert_probability(count: u64, probability: f64) {
    assert_shares(&[count, ROWS - count], &[probability, 1.0 - probability]);
}

#[test]
fn the_tests_notice_what_is_a_little_off() {
    let refused = |test: fn()| std::panic::catch_unwind(test).is_err();
    assert!(refused(|| assert_shares(&[503_000, 497_000], &[1.0, 1.0])));
    assert!(refused(|| assert_below(
        (0..10_000).map(|at| f64::from(at) / 10_300.0).collect(),
        |x| x
    )));
    assert_shares(&[500_900, 499_100], &[1.0, 1.0]);
    assert_below((0..10_000).map(|at| f64::from(at) / 10_000.0).collect(), |x| x);
}

#[test]
fn choices_come_as_often_as_their_weights_say() {
    let plan = planned(
        "{ name: status, type: text, generator: choice, choices: [a, b, c, never, rare], weights: [70, 20, 9.9, 0, 0.1] }",
    );
    let counts = counts(values(&plan).into_iter().map(|value| value.to_string()));
    assert_eq!(counts.get("never"), None);
    let counts: Vec<u64> = ["a", "b", "c", "rare"].map(|choice| counts[choice]).into();
    assert_shares(&counts, &[70.0, 20.0, 9.9, 0.1]);
}

#[test]
fn choices_without_weights_come_equally_often() {
    let plan =
        planned("{ name: status, type: text, generator: choice, choices: [a, b, c, d, e, f, g] }");
    let counts = counts(values(&plan).into_iter().map(|value| value.to_string()));
    assert_shares(&counts.into_values().collect::<Vec<_>>(), &[1.0; 7]);
}

#[test]
fn truth_and_nulls_have_their_probabilities() {
    for (probability, other) in [(0.8, 0.1), (0.5, 0.5), (0.01, 0.99)] {
        let plan = planned(&format!(
            "{{ name: flag, type: boolean, generator: boolean, true_probability: {probability}, null_probability: {other} }}"
        ));
        let values = values(&plan);
        let nulls = values.iter().filter(|value| value.is_null()).count() as u64;
        assert_probability(nulls, other);
        // Whether a value is null says nothing of what it would be.
        let known = ROWS - nulls;
        let truths = values.iter().filter(|value| **value == Value::Bool(true)).count() as u64;
        assert_shares(&[truths, known - truths], &[probability, 1.0 - probability]);
    }
}

#[test]
fn uniform_numbers_come_equally_often() {
    for range in ["min: 1, max: 6", "min: -499, max: 500"] {
        let plan =
            planned(&format!("{{ name: n, type: integer, generator: random_int, {range} }}"));
        let counts: Vec<u64> = counts(numbers(&plan)).into_values().collect();
        assert_shares(&counts, &vec![1.0; counts.len()]);
    }
}

#[test]
fn under_zipf_number_k_comes_1_k_as_often_as_the_first() {
    for most in [2, 10, 1_000] {
        let plan = planned(&format!(
            "{{ name: n, type: integer, generator: random_int, min: 1, max: {most}, distribution: zipf }}"
        ));
        let counts: Vec<u64> = counts(numbers(&plan)).into_values().collect();
        let shares: Vec<f64> = (1..=most).map(|number| 1.0 / f64::from(number)).collect();
        assert_shares(&counts, &shares);
    }
}

/// The wide range that shares of one are told by.
const WIDE: f64 = 1e9;

fn shares_of_range(distribution: &str) -> Vec<f64> {
    let plan = planned(&format!(
        "{{ name: n, type: integer, generator: random_int, min: 0, max: 999999999, distribution: {distribution} }}"
    ));
    numbers(&plan).into_iter().map(|number| number as f64 / WIDE).collect()
}

#[test]
fn normal_is_a_bell_of_a_sixth_of_the_range() {
    // Twelve uniform numbers, summed up, are as near to the normal distribution as a 400th: their own distribution (Irwin
    // and Hall, 1927), between three standard deviations, is what is drawn.
    let below = |sum: f64| {
        let mut binomial = 1.0;
        let mut total = 0.0;
        for k in 0..=12 {
            let above = sum - f64::from(k);
            if above > 0.0 {
                total += binomial * above.powi(12);
            }
            binomial *= -f64::from(12 - k) / f64::from(k + 1);
        }
        total / 479_001_600.0
    };
    let (least, most) = (below(3.0), below(9.0));
    let shares = shares_of_range("normal");
    let mean = shares.iter().sum::<f64>() / ROWS as f64;
    assert!((mean - 0.5).abs() < UNLIKELY_NORMAL / 6.0 / (ROWS as f64).sqrt(), "{mean}");
    assert_below(shares, |share| (below(3.0 + 6.0 * share) - least) / (most - least));
}

#[test]
fn exponential_falls_with_a_mean_of_an_eighth() {
    let whole = 1.0 - f64::exp(-8.0);
    assert_below(shares_of_range("exponential"), |share| (1.0 - f64::exp(-8.0 * share)) / whole);
}

#[test]
fn uniform_times_fill_their_range_evenly() {
    let plan = planned(
        "{ name: at, type: timestamptz, generator: datetime_between, start_date: -30d, end_date: now }",
    );
    let micros: Vec<i64> = values(&plan)
        .into_iter()
        .map(|value| match value {
            Value::Timestamp(at) => at.micros(),
            other => panic!("no time: {other:?}"),
        })
        .collect();
    let end = "2024-05-01".parse::<tdata_core::definition::Instant>().unwrap().micros();
    let range = 30.0 * 86_400e6;
    let shares = micros.into_iter().map(|at| (at - end) as f64 / range + 1.0);
    assert_below(shares.collect(), |share| share.clamp(0.0, 1.0));
}

#[test]
fn references_spread_over_parents_as_they_say() {
    for (distribution, share) in
        [("uniform", (|_| 1.0) as fn(u32) -> f64), ("zipf", |rank| 1.0 / f64::from(rank))]
    {
        let plan = planned(&format!(
            "{{ name: parent_id, type: integer, generator: reference, reference_table: parents, reference_field: id, \
             distribution: {distribution} }}"
        ));
        // Which parent is the first is shuffled.
        let mut counts: Vec<u64> = counts(numbers(&plan)).into_values().collect();
        assert_eq!(counts.len() as u64, PARENTS);
        let mut shares: Vec<f64> = (1..=PARENTS as u32).map(share).collect();
        if distribution == "zipf" {
            counts.sort_unstable_by(|one, other| other.cmp(one));
            shares.sort_unstable_by(|one, other| other.total_cmp(one));
        }
        assert_shares(&counts, &shares);
    }
}

#[test]
fn neighbouring_rows_know_nothing_of_each_other() {
    let plan = planned("{ name: n, type: integer, generator: random_int, min: 0, max: 9 }");
    let numbers = numbers(&plan);
    for distance in [1, 2, 64, 1_024] {
        let pairs = numbers.iter().zip(&numbers[distance..]).map(|(one, other)| 10 * one + other);
        let counts: Vec<u64> = counts(pairs).into_values().collect();
        assert_shares(&counts, &[1.0; 100]);
    }
}
