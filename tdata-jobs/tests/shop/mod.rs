//! Datasets with columns of all kinds, planned without files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, clippy::allow_attributes, reason = "not every test uses all of it")]

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Range;
use std::path::Path;

use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, plan};
use tdata_jobs::{Asked, Format, Generate, Layout, Out, Record, generate};

/// Generated rows of the kinds of values that generators make, with all characters that formats treat apart.
pub(crate) const KINDS: &str = r#"
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: kinds }
spec:
  table: kinds
  volume: { count: 60000 }
  fields:
    - { name: id, type: bigint, generator: sequence, start: -3 }
    - { name: small, type: smallint, generator: random_int, min: -100, max: 100, null_probability: 0.2 }
    - { name: amount, type: "numeric(12,4)", generator: random_decimal, min: -50, max: 50 }
    - { name: ratio, type: double precision, generator: random_decimal, min: 0, max: 1 }
    - { name: SaidIt, type: text, null_probability: 0.1, generator: choice, choices: ["", "a,b", "it's \"so\"", "tab\there", "two\nlines", "back\\slash", "\\.", "\\N", "NULL", "h\u00e9llo \u20ac \U0001F600", "c\rd", " blanks "] }
    - { name: order, type: varchar(20), generator: word }
    - { name: uuid, type: uuid, generator: uuid }
    - { name: born, type: date, generator: date_of_birth, null_probability: 0.1 }
    - { name: at, type: timestamp, generator: datetime_between, start_date: -2y, end_date: now }
    - { name: at_zone, type: timestamptz, generator: datetime_between, start_date: -2y, end_date: now, null_probability: 0.1 }
    - { name: is_it, type: boolean, generator: boolean, null_probability: 0.3 }
    - { name: ip, type: inet, generator: ip_address }
    - { name: first_name, type: text, generator: first_name, masking: true }
"#;

/// Rows that are written out, of types that have no values of their own here.
pub(crate) const WRITTEN: &str = r#"
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: written }
spec:
  source: rows
  table: written
  fields:
    - { name: id, type: integer }
    - { name: numbers, type: "integer[]" }
    - { name: words, type: "text[]" }
    - { name: truths, type: "boolean[]" }
    - { name: bytes, type: bytea }
    - { name: json, type: json }
    - { name: jsonb, type: jsonb }
    - { name: free, type: numeric }
    - { name: span, type: interval }
    - { name: clock, type: time }
    - { name: days, type: daterange }
    - { name: at, type: "timestamp(3)" }
    - { name: real, type: real }
  rows:
    - { id: 1, numbers: "{1,NULL,-3}", words: '{a,"b,c","d\"e",NULL,"NULL"}', truths: "{t,f}", bytes: '\x00ff5c', json: "{\"a\": [1,\n2]}", jsonb: '{"b": "it''s \"so\""}', free: "12.50", span: 1 day, clock: "10:00:01", days: "[2024-01-01,2024-02-01)", at: "2024-02-29T03:04:05.070Z", real: 0.5 }
    - { id: 2, numbers: "{}", words: "{}", truths: null, bytes: null, json: null, jsonb: null, free: null, span: null, clock: null, days: null, at: null, real: null }
    - { id: 3, numbers: "{7}", words: "{\"\"}", truths: "{}", bytes: '\x', json: "5", jsonb: "null", free: "-0.001", span: "-1 mon", clock: "00:00", days: empty, at: "1969-12-31T23:59:59.999Z", real: -2 }
"#;

/// Plans some of these datasets in full, as of a day.
pub(crate) fn planned(datasets: &[&str]) -> Plan {
    planned_of(datasets, Volume::Full)
}

/// Plans some of these datasets, as of a day.
pub(crate) fn planned_of(datasets: &[&str], volume: Volume) -> Plan {
    let mut library = Library::default();
    for (name, text) in [("kinds", KINDS), ("written", WRITTEN)] {
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    let mut contract = Contract::new(datasets.iter().copied(), "2024-05-01".parse().unwrap());
    contract.volumes.every = Some(volume);
    plan(&contract, &library, &MaskKey::development(), &Catalog::default())
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// What generates rows of a dataset into a file.
pub(crate) fn into_file(dataset: &str, rows: Range<u64>, format: Format, file: &Path) -> Generate {
    Generate {
        datasets: vec![Asked { dataset: dataset.to_owned(), rows }],
        layout: Layout::of(format),
        compression: None,
        out: Out::File(file.to_owned()),
        part_rows: NonZeroU64::new(1_000_000).unwrap(),
        threads: NonZeroUsize::new(2).unwrap(),
        record: None,
    }
}

/// Returns the bytes of rows.
pub(crate) fn bytes(plan: &Plan, generate_to: impl Fn(&Path) -> Generate) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows");
    generate(&generate_to(&file), plan, &()).unwrap();
    std::fs::read(&file).unwrap()
}

/// Asks for a manifest, with a fingerprint.
pub(crate) fn recorded(mut generate: Generate, manifest: &Path, fingerprint: &str) -> Generate {
    generate.record =
        Some(Record { path: manifest.to_owned(), fingerprint: fingerprint.to_owned() });
    generate
}
