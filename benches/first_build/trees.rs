//! The ways to depend on tdata, and its peers.

use tdata_bench::suite;

/// What a project depends on for its tests, and a test that uses it.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: &'static str,
    /// Whether it is what a user gets who chooses nothing.
    pub(crate) is_default: bool,
    pub(crate) dependencies: String,
    pub(crate) definition: &'static str,
    pub(crate) test: &'static str,
}

const USERS: &str = "apiVersion: data.automation/v1
kind: DataDefinition
metadata:
  name: users
spec:
  table: users
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: email, type: varchar(255), generator: email, unique: true, masking: true }
";

const WITH_SERVER: &str = r#"
#[tdata::requires_test_data(datasets = ["users"], volume = 5)]
#[test]
fn users_are_five(mut db: postgres::Client) {
    let row = db.query_one("SELECT count(*) FROM users", &[]).unwrap();
    assert_eq!(row.get::<_, i64>(0), 5);
}
"#;

const WITHOUT_SERVER: &str = "
tdata::records!(users, factories = true);

#[test]
fn users_have_ids() {
    assert!(UserFactory::new().build().id > 0);
}
";

const POSTGRES: &str = r#"
#[test]
#[ignore = "it is compiled only"]
fn one_is_one() {
    let mut db = postgres::Client::connect("host=localhost", postgres::NoTls).unwrap();
    assert_eq!(db.query_one("SELECT 1", &[]).unwrap().get::<_, i32>(0), 1);
}
"#;

const SQLX: &str = r#"
#[sqlx::test(migrations = false)]
#[ignore = "it is compiled only"]
async fn one_is_one(pool: sqlx::PgPool) {
    assert_eq!(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(&pool).await.unwrap(), 1);
}
"#;

const CONTAINERS: &str = r#"
use testcontainers_modules::{postgres::Postgres, testcontainers::runners::SyncRunner};

#[test]
#[ignore = "it is compiled only"]
fn one_is_one() {
    let server = Postgres::default().start().unwrap();
    let port = server.get_host_port_ipv4(5432).unwrap();
    let url = format!("postgres://postgres:postgres@127.0.0.1:{port}/postgres");
    let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    assert_eq!(db.query_one("SELECT 1", &[]).unwrap().get::<_, i32>(0), 1);
}
"#;

/// The options of a dependency without any feature.
const NONE: &str = "default-features = false";

/// The client that tests are written with.
const CLIENT: &str = "postgres = \"0.19\"\n";

impl Tree {
    /// Returns all of them.
    pub(crate) fn all() -> Vec<Self> {
        let peer = |name, dependencies: &str, test| Self {
            name,
            is_default: false,
            dependencies: dependencies.to_owned(),
            definition: "",
            test,
        };
        let mut trees = vec![
            peer("postgres", CLIENT, POSTGRES),
            peer(
                "sqlx::test",
                "sqlx = { version = \"0.9\", default-features = false, \
                 features = [\"macros\", \"migrate\", \"postgres\", \"runtime-tokio\"] }\n",
                SQLX,
            ),
            peer(
                "testcontainers",
                "postgres = \"0.19\"\ntestcontainers-modules = { version = \"0.15\", \
                 features = [\"postgres\", \"blocking\"] }\n",
                CONTAINERS,
            ),
            Self::tdata("tdata", ""),
            Self::tdata("tdata, server", "default-features = false, features = [\"server\"]"),
            Self::tdata(
                "tdata, server + embedded",
                "default-features = false, features = [\"embedded\"]",
            ),
            Self::tdata(
                "tdata, server + container",
                "default-features = false, features = [\"container\"]",
            ),
            Self {
                dependencies: dependency(NONE),
                test: WITHOUT_SERVER,
                ..Self::tdata("tdata, no features", NONE)
            },
        ];
        let features = [
            ("tdata + chrono", "chrono"),
            ("tdata + jiff", "jiff"),
            ("tdata + rust_decimal", "rust_decimal"),
            ("tdata + serde_json", "serde_json"),
            ("tdata + uuid", "uuid"),
            ("tdata + sqlx", "sqlx"),
            ("tdata + sqlx-0_8", "sqlx-0_8"),
            ("tdata + tokio-postgres", "tokio-postgres"),
            ("tdata + deadpool", "deadpool"),
            ("tdata + diesel", "diesel"),
            ("tdata + sea-orm", "sea-orm"),
            ("tdata + sea-orm-1", "sea-orm-1"),
        ];
        trees.extend(
            features.map(|(name, feature)| Self::tdata(name, &format!("features = [{feature:?}]"))),
        );
        trees
    }

    /// tdata with a server, where `options` go into the line of its dependency.
    fn tdata(name: &'static str, options: &str) -> Self {
        Self {
            name,
            is_default: options.is_empty(),
            dependencies: dependency(options) + CLIENT,
            definition: USERS,
            test: WITH_SERVER,
        }
    }
}

/// The line that depends on tdata as it is here.
fn dependency(options: &str) -> String {
    let root = suite::package().parent().unwrap_or(suite::package());
    let comma = if options.is_empty() { "" } else { ", " };
    format!("tdata = {{ path = {root:?}{comma}{options} }}\n")
}
