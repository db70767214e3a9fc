//! A role on a server that no other test uses, which is a server by URL to whoever is given that role.

use tdata::{Config, Engine, Notices, TestData};

use crate::project::Project;

/// A role of its own; it goes with this value, which proves that the role left no database.
pub(crate) struct Guest {
    /// The server's own data, by which it is looked at.
    pub(crate) host: TestData,
    pub(crate) role: String,
    pub(crate) url: String,
    _engine: Engine,
    _project: Project,
}

impl Guest {
    /// Makes a role with attributes such as `CREATEDB`.
    pub(crate) fn new(name: &str, attributes: &str) -> Self {
        let fields = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
        let project = Project::with(&[]).define("accounts", fields);
        let config = Config::from_environment().unwrap().notices(Notices::none());
        // Another workspace has another server.
        let engine = Engine::new(config.project(project.path()).workspace(project.path()));
        let host = engine.request(["accounts"]).volume("accounts", 1).provision().unwrap();
        let role = format!("{name}_{}", std::process::id());
        let sql = format!("CREATE ROLE {role} {attributes} LOGIN PASSWORD 'guest'");
        host.client().batch_execute(&sql).unwrap();
        let place = host.server().endpoint().place();
        let url = format!("postgres://{role}:guest@{place}/postgres");
        Self { host, role, url, _engine: engine, _project: project }
    }

    /// The environment of processes to which the server is one by URL.
    pub(crate) fn environment(&self) -> [(&str, &str); 2] {
        [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", &self.url)]
    }

    /// Lists the role's databases.
    pub(crate) fn databases(&self) -> Vec<String> {
        let sql = "SELECT datname::text FROM pg_database JOIN pg_roles r ON r.oid = datdba \
                   WHERE rolname = $1 ORDER BY 1";
        let rows = self.host.client().query(sql, &[&self.role]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert_eq!(self.databases(), Vec::<String>::new());
        self.host.client().batch_execute(&format!("DROP ROLE {}", self.role)).unwrap();
    }
}
