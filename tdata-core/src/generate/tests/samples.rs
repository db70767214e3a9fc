//! Fields to build generators from, one for each generator at least.

use std::sync::Arc;

use crate::definition::{Definition, Instant};
use crate::diagnostic::{Diagnostics, Source};
use crate::generate::{
    self, AnyGenerator, Build, Cell, Cells, FieldKey, Generator, GeneratorEntry, Referenced,
};
use crate::sql::SqlType;
use crate::value::{Block, Slot, Value, ValueKind};

/// A generator's name, the column's type, and parameters as YAML.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample(pub &'static str, pub &'static str, pub &'static str);

/// The first of a generator is the usual one; others show what differs.
pub(crate) const SAMPLES: &[Sample] = &[
    Sample("address", "text", ""),
    Sample("address", "varchar(40)", ""),
    Sample("boolean", "boolean", ""),
    Sample("choice", "varchar(20)", "choices: [draft, sent, paid]"),
    Sample("choice", "integer", "choices: [1, 20, -300], weights: [1, 0, 2.5]"),
    Sample("choice", "decimal(5,2)", "choices: [0, 9.99, 100.5]"),
    Sample("city", "varchar(100)", ""),
    Sample("city", "varchar(9)", ""),
    Sample("company", "varchar(100)", ""),
    Sample("company", "varchar(12)", ""),
    Sample("constant", "varchar(10)", "value: EUR"),
    Sample("constant", "integer", "value: 7"),
    Sample("constant", "date", "value: -1d"),
    Sample("country", "varchar(60)", ""),
    Sample("country", "char(2)", ""),
    Sample("credit_card", "varchar(16)", ""),
    Sample("cvv", "char(3)", ""),
    Sample("date_between", "date", ""),
    Sample("date_between", "timestamp", "start_date: 2024-01-01T12:00:00, end_date: 2024-02-01"),
    Sample("date_of_birth", "date", ""),
    Sample("date_of_birth", "timestamp", "min_age: 30, max_age: 30"),
    Sample("datetime_between", "timestamp", ""),
    Sample("datetime_between", "timestamptz", "start_date: -30d, distribution: exponential"),
    Sample("datetime_between", "date", "start_date: -30d"),
    Sample("email", "varchar(255)", ""),
    Sample("email", "varchar(24)", ""),
    Sample("email", "text", "domain: example.org"),
    Sample("email", "text", "pattern: 'billing+{{index}}@example.com'"),
    Sample("first_name", "varchar(50)", ""),
    Sample("full_name", "varchar(100)", ""),
    Sample("full_name", "varchar(10)", ""),
    Sample("ip_address", "inet", ""),
    Sample("ip_address", "inet", "version: 6"),
    Sample("last_name", "varchar(50)", ""),
    Sample("null", "varchar(10)", ""),
    Sample("order_number", "varchar(20)", ""),
    Sample("order_number", "varchar(40)", "prefix: WEB"),
    Sample("pattern", "varchar(24)", "pattern: 'INV-{{timestamp}}-{{index}}'"),
    Sample("pattern", "varchar(24)", "pattern: '{{letters:2}}-{{digits:3}}-{{hex:2}}'"),
    Sample("pattern", "text", "pattern: '{{dataset}}/{{date}}/{{uuid}}'"),
    Sample("pattern", "text", "pattern: '{{digits:40}}{{letters:20}}{{hex:20}}'"),
    Sample("phone_number", "varchar(20)", ""),
    Sample("phone_number", "varchar(12)", ""),
    Sample("phone_number", "varchar(20)", "country_code: AU"),
    Sample("phone_number", "varchar(20)", "country_code: CA"),
    Sample("phone_number", "varchar(20)", "country_code: DE"),
    Sample("phone_number", "varchar(20)", "country_code: FR"),
    Sample("phone_number", "varchar(20)", "country_code: GB"),
    Sample("phone_number", "varchar(13)", "country_code: GB"),
    Sample("phone_number", "varchar(20)", "country_code: IE"),
    Sample("phone_number", "varchar(20)", "country_code: SE"),
    Sample("phone_number", "varchar(20)", "country_code: us"),
    Sample("postal_code", "char(5)", ""),
    Sample("random_decimal", "decimal(10,2)", "min: 10.00, max: 9999.99, distribution: normal"),
    Sample("random_decimal", "numeric(3,2)", ""),
    Sample("random_decimal", "numeric(30,20)", "min: -5, max: 1000"),
    Sample("random_decimal", "double precision", "min: -1.005, max: 1.005"),
    Sample("random_int", "integer", "min: 1, max: 1000000"),
    Sample("random_int", "smallint", ""),
    Sample("random_int", "bigint", "min: -9223372036854775808, max: 9223372036854775807"),
    Sample("random_int", "integer", "min: -5, max: 5, distribution: zipf"),
    Sample("reference", "integer", "reference_table: parents, reference_field: id"),
    Sample("sentence", "text", ""),
    Sample("sentence", "text", "min_words: 3, max_words: 12"),
    Sample("sentence", "varchar(50)", ""),
    Sample("sentence", "varchar(10)", "words: 5"),
    Sample("sequence", "integer", ""),
    Sample("sequence", "integer", "start: 1000, step: -10"),
    Sample("ssn", "varchar(11)", ""),
    Sample("state", "varchar(30)", ""),
    Sample("state", "char(2)", ""),
    Sample("state", "text", "format: code"),
    Sample("street_address", "varchar(200)", ""),
    Sample("street_address", "varchar(20)", ""),
    Sample("url", "text", ""),
    Sample("user_agent", "text", ""),
    Sample("user_agent", "varchar(85)", ""),
    Sample("uuid", "uuid", ""),
    Sample("uuid", "varchar(36)", ""),
    Sample("word", "varchar(20)", ""),
];

/// The seed, rows and as-of time of all samples.
pub(crate) const SEED: u64 = 42;
pub(crate) const ROWS: u64 = 20_000;
pub(crate) const AS_OF: &str = "2024-05-01";

impl Sample {
    pub(crate) fn title(&self) -> String {
        let Self(generator, sql_type, parameters) = self;
        format!("{generator}: {sql_type} {{ {parameters} }}")
    }

    pub(crate) fn entry(&self) -> &'static GeneratorEntry {
        generate::registry::find(self.0)
            .unwrap_or_else(|| panic!("there is no generator {}", self.0))
    }

    pub(crate) fn sql_type(&self) -> SqlType {
        self.1.parse().unwrap()
    }

    pub(crate) fn key(&self) -> FieldKey {
        FieldKey::derive(SEED, "samples", "value", self.0, self.entry().version)
    }

    pub(crate) fn build(&self) -> Result<AnyGenerator, Diagnostics> {
        self.build_with(Some(parents(500)))
    }

    pub(crate) fn build_with(
        &self,
        referenced: Option<Referenced>,
    ) -> Result<AnyGenerator, Diagnostics> {
        let Self(generator, sql_type, parameters) = self;
        let comma = if parameters.is_empty() { "" } else { ", " };
        let text = format!(
            "apiVersion: data.automation/v1\n\
             kind: DataDefinition\n\
             metadata: {{ name: samples }}\n\
             spec:\n\
            \x20 table: samples\n\
            \x20 fields:\n\
            \x20   - {{ name: value, type: \"{sql_type}\", generator: '{generator}'{comma}{parameters} }}\n"
        );
        let definition = Definition::parse(Source::new("samples.yaml", text), "samples")?;
        let mut diagnostics = Diagnostics::new();
        let built = (self.entry().build)(&mut Build {
            spec: &definition.spec,
            field: &definition.spec.fields[0],
            sql_type: &self.sql_type(),
            key: self.key(),
            as_of: as_of(),
            rows: ROWS,
            referenced,
            diagnostics: &mut diagnostics,
        });
        let built = diagnostics.into_result(built)?;
        Ok(built.unwrap_or_else(|| panic!("{}: neither generator nor message", self.title())))
    }

    pub(crate) fn generator(&self) -> AnyGenerator {
        self.build().unwrap_or_else(|mistakes| panic!("{}\n{mistakes}", self.title()))
    }

    /// Draws the value of a row.
    pub(crate) fn draw(&self, generator: &dyn Generator, row: u64) -> Value {
        let mut value = Value::Null;
        generator.draw(&mut Cell { row, rng: self.key().cell(row) }, &mut value);
        value
    }

    /// Draws the texts of the first rows.
    pub(crate) fn texts(&self, rows: u64) -> Vec<String> {
        let generator = self.generator();
        (0..rows).map(|row| self.draw(&*generator, row).to_string()).collect()
    }
}

pub(crate) fn as_of() -> Instant {
    AS_OF.parse().unwrap()
}

pub(crate) fn nth(generator: &dyn Generator, number: u64) -> Value {
    let mut value = Value::Null;
    generator.nth(number, &mut value);
    value
}

/// The field that samples of `reference` reference: 1000, 1001, and so on.
#[derive(Debug)]
pub(crate) struct Parents;

/// That field, of so many rows.
pub(crate) fn parents(rows: u64) -> Referenced {
    let (dataset, field) = ("parents".to_owned(), "id".to_owned());
    Referenced { dataset, field, cells: Arc::new(Parents), rows }
}

impl Cells for Parents {
    fn write(&self, row: u64, out: &mut Value) {
        *out = Value::Int(1000 + row as i64);
    }

    fn fill(&self, rows: &[u64], out: &mut Block) {
        rows.iter().for_each(|row| out.int(1000 + *row as i64));
    }

    fn kind(&self) -> ValueKind {
        ValueKind::Int
    }

    fn is_of_its_kind(&self) -> bool {
        true
    }

    fn rows(&self) -> u64 {
        u64::MAX
    }

    fn max_length(&self, rows: u64) -> usize {
        (1000 + rows).to_string().len()
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        Some((1000, 999 + rows as i64))
    }
}
