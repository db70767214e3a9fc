//! What is said of mistakes.

use std::fmt::Write;

use super::samples::{Sample, parents};

const MISTAKES: &[Sample] = &[
    Sample("boolean", "boolean", "true_probability: 1.5"),
    Sample("boolean", "boolean", "true_probability: often"),
    Sample("choice", "text", ""),
    Sample("choice", "text", "choices: []"),
    Sample("choice", "text", "choices: draft"),
    Sample("choice", "varchar(3)", "choices: [a, b, a, long]"),
    Sample("choice", "smallint", "choices: [1, two, 40000]"),
    Sample("choice", "decimal(4,2)", "choices: [1.0, 1.00, 100, 1.005]"),
    Sample("choice", "inet", "choices: [192.0.2.1, foo]"),
    Sample("choice", "numeric(30,2)", "choices: [1, 12345678901234567890, many]"),
    Sample("choice", "text", "choices: [a, b], weights: [1]"),
    Sample("choice", "text", "choices: [a, b], weights: [1, -1]"),
    Sample("choice", "text", "choices: [a, b], weights: [1, some]"),
    Sample("choice", "text", "choices: [a, b], weights: [0, 0]"),
    Sample("choice", "text", "choices: [a, b], weights: 5"),
    Sample("constant", "text", ""),
    Sample("constant", "text", "value: [a]"),
    Sample("constant", "integer", "value: many"),
    Sample("constant", "uuid", "value: 123"),
    Sample("country", "text", "format: cod"),
    Sample("date_between", "date", "start_date: yesterday"),
    Sample(
        "date_between",
        "timestamp",
        "start_date: '2024-01-01T06:00:00', end_date: '2024-01-01T18:00:00'",
    ),
    Sample("date_between", "date", "start_date: -9999y"),
    Sample("date_of_birth", "date", "min_age: 40, max_age: 30"),
    Sample("date_of_birth", "date", "max_age: 200"),
    Sample("datetime_between", "timestamp", "start_date: +1d"),
    Sample("datetime_between", "timestamp", "end_date: -2y"),
    Sample("datetime_between", "timestamp", "distribution: norml"),
    Sample("email", "varchar(10)", ""),
    Sample("email", "text", "domain: nobody@nowhere"),
    Sample("email", "text", "pattern: nobody, domain: example.org"),
    Sample("ip_address", "inet", "version: 5"),
    Sample("order_number", "text", "prefix: WEB, pattern: '{{index}}'"),
    Sample("pattern", "text", ""),
    Sample("pattern", "text", "pattern: [a]"),
    Sample("pattern", "text", "pattern: 'A-{{indx}}-{{digits}}-{{hex:0}}-{{letters:101}}'"),
    Sample("pattern", "text", "pattern: 'A-{{index:x}}-{{date:8}}-{{seq}}'"),
    Sample("pattern", "text", "pattern: 'A-{{index'"),
    Sample("phone_number", "varchar(8)", ""),
    Sample("phone_number", "varchar(12)", "country_code: GB"),
    Sample("phone_number", "text", "country_code: UK"),
    Sample("phone_number", "text", "country_code: NZ"),
    Sample("phone_number", "text", "country_code: [GB]"),
    Sample("random_decimal", "decimal(4,2)", "min: 10, max: 100"),
    Sample("random_decimal", "decimal(4,2)", "min: 5.001, max: 5.009"),
    Sample("random_decimal", "decimal(4,2)", "min: 1e3"),
    Sample("random_decimal", "numeric", "max: 99999999999999999999"),
    Sample("random_int", "integer", "min: 10, max: 1"),
    Sample("random_int", "bigint", "min: 5000000000"),
    Sample("random_int", "integer", "min: 1.5"),
    Sample("random_int", "integer", "min: x, max: -5"),
    Sample("random_int", "bigint", "max: 9999999999999999999"),
    Sample("sentence", "text", "words: 0"),
    Sample("sentence", "text", "words: 9999999999999999999"),
    Sample("sentence", "text", "min_words: many, max_words: 2"),
    Sample("sentence", "text", "words: 5, max_words: 9"),
    Sample("sentence", "text", "min_words: 9, max_words: 5"),
    Sample("sentence", "varchar(1)", ""),
    Sample("sequence", "integer", "step: 0"),
    Sample("sequence", "bigint", "start: -9999999999999999999, step: 0"),
];

#[test]
fn every_mistake_is_told_where_it_was_made() {
    let mut told = String::new();
    for sample in MISTAKES {
        let mistakes = sample.build().expect_err(&sample.title());
        writeln!(told, "{mistakes}\n").unwrap();
    }
    let reference = Sample("reference", "integer", "reference_table: parents, reference_field: id");
    for referenced in [None, Some(parents(0))] {
        writeln!(told, "{}\n", reference.build_with(referenced).unwrap_err()).unwrap();
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("generator_messages", told);
    });
}
