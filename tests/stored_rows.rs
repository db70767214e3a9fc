//! Stored rows, and generated ones behind them, load as any others do.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::sync::Arc;

use project::Project;
use tdata::{Isolation, TestData};
use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, plan_stored};
use tdata_core::rows::{Stored, StoredRows};
use tdata_core::value::Value;

const FIELDS: &str = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";

const KEPT: &str = "apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: kept }
spec:
  table: kept
  source: hybrid
  fields:
    - { name: id, type: bigint, generator: sequence }
    - { name: day, type: date, generator: date_between, start_date: 2023-06-01, end_date: 2024-03-31 }
    - { name: host, type: inet, generator: ip_address, null_probability: 0.5 }
";

#[test]
fn stored_rows_load_before_generated_ones_and_inserts_count_on() {
    let mut library = Library::default();
    library.insert(Source::new("kept.yaml", KEPT), "kept", None);
    let mut contract = Contract::new(["kept"], "2024-05-01".parse().unwrap());
    contract.volumes.by_dataset.insert("kept".into(), Volume::Rows(20));
    let row = |id: i64, host: &str| {
        vec![Value::Int(id), Value::Date(19_000), Value::Text(host.to_owned())]
    };
    let rows = vec![row(40, "192.0.2.1"), row(12, "2001:db8::1")];
    let stored = StoredRows::new(["id", "day", "host"], rows).unwrap();
    let stored = Stored::from([("kept".to_owned(), Arc::new(stored))]);
    let catalog = Catalog::default();
    let plan = plan_stored(&contract, &library, &stored, &MaskKey::development(), &catalog);
    let plan = plan.unwrap().in_schema("store");

    let project = Project::with(&[]).define("users", FIELDS);
    let request = TestData::request(["users"]).project(project.path());
    let data = request.isolation(Isolation::Full).provision().unwrap();
    let mut client = data.client();
    tdata_postgres::load::load(&mut client, &plan, 0..1, &catalog).unwrap();

    let found = client
        .query("SELECT id, day::text, host(host) FROM store.kept WHERE day = '2022-01-08'", &[])
        .unwrap();
    let found: Vec<(i64, String, String)> =
        found.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let expected = [(40, "2022-01-08", "192.0.2.1"), (12, "2022-01-08", "2001:db8::1")];
    assert_eq!(found, expected.map(|(id, day, host)| (id, day.to_owned(), host.to_owned())));

    let sql = "SELECT count(*), count(DISTINCT id) FROM store.kept";
    let counts = client.query_one(sql, &[]).unwrap();
    assert_eq!((counts.get::<_, i64>(0), counts.get::<_, i64>(1)), (20, 20));
    let sql = "INSERT INTO store.kept (day) VALUES ('2024-05-01') RETURNING id";
    assert_eq!(client.query_one(sql, &[]).unwrap().get::<_, i64>(0), 41);
}
