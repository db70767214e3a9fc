//! The three suites as their users write them: a file for each table, a function for each test.

use super::bodies::{Takes, Test, tests};
use super::tables::{ROWS, Table};

/// How many tests a suite has.
pub(crate) const TESTS: usize = 350;

/// A suite, by how its tests get their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// `#[test]`; the body asks for the data by a call.
    Plain,
    /// `#[requires_test_data]`.
    Tdata,
    /// `#[sqlx::test]`.
    Sqlx,
}

impl Suite {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Tdata, Self::Sqlx];

    /// Returns the attribute of its tests.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Plain => "#[test]",
            Self::Tdata => "#[requires_test_data]",
            Self::Sqlx => "#[sqlx::test]",
        }
    }

    /// Returns the name of its test target.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::Plain => "plain_suite",
            Self::Tdata => "tdata_suite",
            Self::Sqlx => "sqlx_suite",
        }
    }

    /// Returns its files by their paths in the target's folder.
    pub(crate) fn files(self) -> Vec<(String, String)> {
        let modules = Table::all().map(|table| format!("mod {};\n", table.name()));
        let (helper, name) = match self {
            Self::Plain => (format!("{PROVISION}\n{CONNECT}"), "mod shop;\n"),
            Self::Tdata => (CONNECT.to_owned(), "mod shop;\n"),
            Self::Sqlx => (String::new(), ""),
        };
        let main = modules.chain([name.to_owned()]).collect();
        let mut files = vec![("main.rs".to_owned(), main)];
        if !helper.is_empty() {
            files.push(("shop.rs".to_owned(), helper));
        }
        let tables = Table::all().count();
        for (place, table) in Table::all().enumerate() {
            // The first modules have one test more, where the tests cannot be shared out evenly.
            let count = TESTS / tables + usize::from(place < TESTS % tables);
            files.push((format!("{}.rs", table.name()), self.module(table, count)));
        }
        files
    }

    fn module(self, table: Table, count: usize) -> String {
        let tests = tests(table, count);
        match self {
            Self::Plain => {
                let tests: Vec<String> = tests.iter().map(plain).collect();
                format!("use crate::shop;\n\n{}", tests.join("\n"))
            }
            Self::Tdata if has_one_attribute(table) => {
                let tests: Vec<String> = tests.iter().map(tdata).collect();
                let name = table.name();
                format!(
                    "use tdata::requires_test_data;\n\n\
                     #[requires_test_data(datasets = [\"{name}\"], volume = {{ {name} = {ROWS} }}, scope = \"test_case\")]\n\
                     mod tests {{\n{}}}\n",
                    indented(&format!(
                        "use tdata::{{Dataset, TestData}};\n\nuse crate::shop;\n\n{}",
                        tests.join("\n")
                    ))
                )
            }
            Self::Tdata => {
                let tests: Vec<String> = tests
                    .iter()
                    .map(|test| format!("{}{}", attribute(test), tdata(test)))
                    .collect();
                format!(
                    "use tdata::{{Dataset, TestData, requires_test_data}};\n\nuse crate::shop;\n\n{}",
                    tests.join("\n")
                )
            }
            Self::Sqlx => {
                let tests: Vec<String> = tests.iter().map(sqlx).collect();
                format!("use sqlx::{{PgPool, Row as _}};\n\n{}", tests.join("\n"))
            }
        }
    }
}

/// Tells whether the attribute stands on the module of a table's tests, and not on each.
fn has_one_attribute(table: Table) -> bool {
    ["coupons", "devices"].contains(&table.name())
}

fn plain(test: &Test) -> String {
    let named = |open, close, each: fn(Table) -> String| {
        let all: Vec<String> = test.datasets.iter().map(|table| each(*table)).collect();
        format!("{open}{}{close}", all.join(", "))
    };
    let datasets = named("[", "]", |table| format!("\"{}\"", table.name()));
    let volume = named("[", "]", |table| format!("(\"{}\", {ROWS})", table.name()));
    let call = if test.shares { "shared_data" } else { "data" };
    let wait = if test.takes == Takes::Async { "_async" } else { "" };
    let mut body = format!("let data = shop::{call}{wait}(&{datasets}, &{volume});\n");
    if test.takes == Takes::Async {
        body = body.replace(");\n", ").await;\n");
    }
    if test.takes == Takes::Rows {
        let table = test.datasets[0].name();
        body += &format!("let {table} = data.dataset(\"{table}\");\n");
    }
    body += &test.body;
    if test.takes == Takes::Async {
        // The end of the data is no work for the runtime's thread; the attribute sees to that too.
        body += "data.release();\n";
    }
    function(test, "", &body)
}

fn attribute(test: &Test) -> String {
    let names: Vec<String> =
        test.datasets.iter().map(|table| format!("\"{}\"", table.name())).collect();
    let volumes: Vec<String> =
        test.datasets.iter().map(|table| format!("{} = {ROWS}", table.name())).collect();
    let scope = if test.shares { ", scope = \"test_module\"" } else { "" };
    format!(
        "#[requires_test_data(datasets = [{}], volume = {{ {} }}{scope})]\n",
        names.join(", "),
        volumes.join(", ")
    )
}

fn tdata(test: &Test) -> String {
    let parameters = match test.takes {
        Takes::Rows => format!("data: TestData, {}: Dataset", test.datasets[0].name()),
        Takes::Data | Takes::Async => "data: TestData".to_owned(),
    };
    function(test, &parameters, &test.body)
}

fn function(test: &Test, parameters: &str, body: &str) -> String {
    let head = if test.takes == Takes::Async { "#[tokio::test]\nasync fn" } else { "#[test]\nfn" };
    format!("{head} {}({parameters}) {{\n{}}}\n", test.name, indented(body))
}

fn sqlx(test: &Test) -> String {
    let mut tables: Vec<Table> = test.datasets.iter().flat_map(|table| table.closure()).collect();
    tables.sort();
    tables.dedup();
    let fixtures: Vec<String> =
        tables.iter().map(|table| format!("\"{}\"", table.name())).collect();
    let body = indented(&format!("{}Ok(())\n", test.on_sqlx));
    format!(
        "#[sqlx::test(fixtures(path = \"../fixtures\", scripts({})))]\n\
         async fn {}(pool: PgPool) -> sqlx::Result<()> {{\n{body}}}\n",
        fixtures.join(", "),
        test.name
    )
}

fn indented(text: &str) -> String {
    let line = |line: &str| match line {
        "" => "\n".to_owned(),
        line => format!("    {line}\n"),
    };
    text.lines().map(line).collect()
}

/// How plain tests get their data: what the attribute does, by calls.
const PROVISION: &str = r#"use tdata::{Scope, TestData};

pub fn data(datasets: &[&str], volume: &[(&str, u64)]) -> TestData {
    provide(datasets, volume, false)
}

pub fn shared_data(datasets: &[&str], volume: &[(&str, u64)]) -> TestData {
    provide(datasets, volume, true)
}

pub async fn data_async(datasets: &[&str], volume: &[(&str, u64)]) -> TestData {
    provide(datasets, volume, false)
}

fn provide(datasets: &[&str], volume: &[(&str, u64)], shared: bool) -> TestData {
    let mut request = TestData::request(datasets.iter().copied());
    for (dataset, rows) in volume {
        request = request.volume(*dataset, *rows);
    }
    if shared {
        request = request.scope(Scope::TestModule, "shop");
    }
    request.provision().unwrap()
}
"#;

const CONNECT: &str = r#"pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(async move {
        connection.await.unwrap();
    });
    client
}
"#;
