//! Everything that data are built from.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use postgres::Client;
use tdata_core::contract::Contract;
use tdata_core::definition::{Files, Library};
use tdata_core::diagnostic::{Diagnostic, Diagnostics};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{self, Catalog, Fingerprint, Plan};
use tdata_core::project::Surroundings;
use tdata_postgres::load::{self, Ground, LoadError};
use tdata_postgres::migrate::Migrations;
use tdata_postgres::{Refusal, option};

use super::error::IsolateError;
use super::session_options::SessionOptions;
use crate::error::Error;
use crate::program::Function;
use crate::session::Session;

/// What the programs of migrations run with.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// The folder that commands run in.
    pub(crate) folder: PathBuf,
    /// The function that migrates, where there is one.
    pub(crate) function: Option<Function>,
}

/// Everything that data are built from.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) session: Arc<Session>,
    pub(crate) contract: Contract,
    pub(crate) files: Arc<Files>,
    pub(crate) migrations: Arc<Migrations>,
    /// What the migrations' programs run with.
    pub(crate) programs: Programs,
    /// Whether the migrations do something to the server as a whole, so that it is for them alone.
    pub(crate) touches_server: bool,
    /// What stands for the migrations in fingerprints.
    pub(crate) schema: Arc<str>,
    pub(crate) mask_key: MaskKey,
    /// What surrounds the rows while they load, and the tests.
    pub(crate) surroundings: Arc<Surroundings>,
    pub(crate) fingerprint: Fingerprint,
    /// What tells the test runs of a workspace apart.
    pub(crate) test_run: String,
    /// Which of the tests that run at once wants the data.
    pub(crate) slot: usize,
    /// Which attempt at the test wants them, where that is known.
    pub(crate) attempt: Option<u32>,
}

impl Recipe {
    /// Returns the definitions.
    pub(crate) fn library(&self) -> &Library {
        self.files.library()
    }

    /// Plans the data against the tables there are.
    pub(super) fn plan(&self, catalog: &Catalog) -> Result<Plan, Error> {
        Ok(plan::plan(&self.contract, self.library(), &self.mask_key, catalog)?)
    }

    /// Returns what the project sets for sessions.
    pub(super) fn session_options(&self) -> SessionOptions {
        SessionOptions::of(&self.surroundings.session)
    }

    /// Connects to a database to load rows, with options besides what the project sets for sessions.
    pub(super) fn connect(&self, database: &str, options: &str) -> Result<Client, Error> {
        let options = format!("{} {options}", self.session_options().of_own);
        let connected = self.session.server.connect_own(database, &options, "tdata");
        connected.map_err(|refusal| self.not_connected(database, refusal))
    }

    /// Loads some datasets of a plan, by place, over a connection to a database that has options. Returns the connection that
    /// did it: on a server of ours a superuser's, if policies of tables that the role does not own stand in its way.
    pub(super) fn load(
        &self,
        mut client: Client,
        (database, options): (&str, &str),
        plan: &Plan,
        datasets: Range<usize>,
        catalog: &Catalog,
    ) -> Result<Client, Error> {
        let server = &self.session.server;
        let triggers = self.surroundings.triggers;
        let ground = Ground { triggers, owner: None, migrations: &self.migrations };
        match load::load_upon(ground, &mut client, plan, datasets.clone(), catalog) {
            Err(LoadError::RowSecurity { .. }) if server.gives_ordinary_role() => {}
            loaded => return Ok(loaded.map(|()| client)?),
        }
        drop(client);
        let options = format!("{} {options}", self.session_options().of_own);
        let client = server.connect_to_see(database, &options, "tdata");
        let mut client = client.map_err(IsolateError::Connect)?;
        let ground = Ground { owner: Some(server.endpoint().user()), ..ground };
        load::load_upon(ground, &mut client, plan, datasets, catalog)?;
        Ok(client)
    }

    /// Proves that tests can connect to a database with what the project sets for sessions.
    pub(super) fn prove_session(&self, database: &str) -> Result<(), Error> {
        if self.surroundings.session.is_empty() {
            return Ok(());
        }
        let options = self.session_options().of_tests;
        let connected = self.session.server.connect_with(database, &options, "tdata");
        connected.map(drop).map_err(|refusal| self.not_connected(database, refusal))
    }

    /// Tells which of the project's settings stands in the way of a connection, if one does.
    fn not_connected(&self, database: &str, refusal: Refusal) -> Error {
        let mut mistakes = Diagnostics::new();
        let session = &self.surroundings.session;
        for (name, value) in session.iter().filter(|_| !refusal.is_connection()) {
            let connected =
                self.session.server.connect_with(database, &option(name, value), "tdata");
            let Err(refusal) = connected else { continue };
            let message =
                format!("PostgreSQL does not take the session setting `{name}`: {refusal}");
            let help = "correct its name or its value in [session_settings] of tdata.toml, or leave it out";
            let mistake = Diagnostic::new("settings::session", message).help(help);
            mistakes.push(match session.origin(name) {
                Some(origin) => mistake.at(origin),
                None => mistake,
            });
        }
        match mistakes.is_empty() {
            true => IsolateError::Connect(refusal).into(),
            false => mistakes.into(),
        }
    }

    /// Returns what stands for the tables that migrations make, and for the schemas in which they are looked for.
    pub(super) fn catalog_fingerprint(&self) -> Fingerprint {
        const PATH: &str = "search_path";
        let mut looked_for = Surroundings::default();
        let session = &self.surroundings.session;
        if let (Some(path), Some(origin)) = (session.get(PATH), session.origin(PATH)) {
            // It was set before under the same name.
            let _ = looked_for.session.set(PATH, path, origin.clone());
        }
        plan::schema_fingerprint(&self.schema).within(&looked_for)
    }

    /// Says which tables are made though there are migrations: whoever forgot one looks for it there.
    pub(super) fn tell_made(&self, plan: &Plan) {
        let made = plan.datasets.iter().filter(|dataset| !dataset.table_exists);
        let made: Vec<String> = made.map(|dataset| format!("`{}`", dataset.name)).collect();
        if !self.migrations.is_empty() && self.session.is_news(&made) {
            self.session.server.notices().say(format_args!(
                "no migration makes the tables of {}: they are made from the definitions",
                made.join(", ")
            ));
        }
    }
}
