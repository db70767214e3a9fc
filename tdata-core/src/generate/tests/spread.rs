//! How draws spread: weights, probabilities, distributions.

use std::collections::BTreeMap;

use super::samples::Sample;

/// Draws rows and counts the values.
fn counts(sample: Sample, rows: u64) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for text in sample.texts(rows) {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

#[test]
fn weights_are_kept() {
    let sample = Sample("choice", "text", "choices: [a, b, c, d], weights: [20, 50, 30, 0]");
    let counts = counts(sample, 20_000);
    // Five standard deviations of the widest share: 5 * sqrt(20000 * 0.5 * 0.5) = 354.
    for (value, expected) in [("a", 4_000u64), ("b", 10_000), ("c", 6_000)] {
        assert!(counts[value].abs_diff(expected) < 354, "{counts:?}");
    }
    assert!(!counts.contains_key("d"));
}

#[test]
fn choices_without_weights_are_as_likely() {
    let counts = counts(Sample("choice", "text", "choices: [a, b, c, d]"), 20_000);
    assert!(counts.values().all(|count| count.abs_diff(5_000) < 310), "{counts:?}");
}

#[test]
fn probabilities_are_kept() {
    for (parameters, expected) in
        [("", 10_000u64), ("true_probability: 0.2", 4_000), ("true_probability: 1", 20_000)]
    {
        let counts = counts(Sample("boolean", "boolean", parameters), 20_000);
        assert!(counts["t"].abs_diff(expected) < 354, "{counts:?}");
    }
}

#[test]
fn every_parent_is_referenced_and_zipf_prefers_the_first() {
    let parameters = "reference_table: parents, reference_field: id";
    let uniform = counts(Sample("reference", "integer", parameters), 20_000);
    assert_eq!(uniform.len(), 500);
    // Each of 500 rows 40 times: five standard deviations are 32.
    assert!(uniform.values().all(|count| count.abs_diff(40) < 32), "{uniform:?}");
    let parameters = "reference_table: parents, reference_field: id, distribution: zipf";
    let zipf = counts(Sample("reference", "integer", parameters), 20_000);
    assert!(zipf["1000"] > 20 * zipf.get("1400").copied().unwrap_or(0), "{zipf:?}");
}

#[test]
fn both_ends_of_a_range_are_drawn() {
    let counts = counts(Sample("random_int", "integer", "min: -5, max: 5"), 10_000);
    let numbers: Vec<i64> = counts.keys().map(|text| text.parse().unwrap()).collect();
    assert_eq!(
        (numbers.len(), numbers.iter().min(), numbers.iter().max()),
        (11, Some(&-5), Some(&5))
    );
}

#[test]
fn decimals_have_the_scale_of_their_column_and_stay_in_bounds() {
    for text in Sample("random_decimal", "double precision", "min: -1.005, max: 1.005").texts(2_000)
    {
        let number: f64 = text.parse().unwrap();
        assert!((-1.0..=1.0).contains(&number), "{text}");
        assert_eq!(text.split('.').nth(1).unwrap().len(), 2, "{text}");
    }
}

#[test]
fn decimals_fit_columns_with_more_digits_than_64_bits_have() {
    for (sql_type, most) in
        [("numeric(20,19)", 10.0), ("numeric(21,20)", 10.0), ("numeric(25,25)", 1.0)]
    {
        let texts = Sample("random_decimal", sql_type, "").texts(1_000);
        let numbers = texts.iter().map(|text| text.parse::<f64>().unwrap());
        let largest = numbers.fold(0.0, f64::max);
        assert!((most * 0.8..most).contains(&largest), "{sql_type}: {largest}");
    }
}

#[test]
fn normal_draws_peak_in_the_middle() {
    let parameters = "min: 0, max: 100, distribution: normal";
    let texts = Sample("random_decimal", "decimal(10,2)", parameters).texts(10_000);
    let middle = texts.iter().filter(|text| {
        let number: f64 = text.parse().unwrap();
        (33.3..66.7).contains(&number)
    });
    // Within one standard deviation, a sixth of the range to each side, lie 68 %.
    assert!(middle.count().abs_diff(6_830) < 250);
}
