//! The engine: holds configuration, servers and what is ready on them, and does the work.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tdata_core::definition::Files;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::project::{Project, unnamed_migrations};
use tdata_postgres::migrate::{Asked, MigrateError};

use crate::config::Config;
use crate::error::Error;
use crate::isolate::Stock;
use crate::keyed::Keyed;
use crate::read_files::{ReadFiles, ReadMigrations};
use crate::server::{Server, ServerError, ServerSettings, Servers};
use crate::session::Session;

/// Provisions test data. It holds a configuration, servers, and what is ready on them.
///
/// Tests share the engine of their process. The harness makes it from the environment, and closes it when the process
/// ends. A program can make engines of its own, each with its own configuration. Such an engine ends with
/// [`Engine::close`], or when its last handle is dropped. Clones are handles to the same engine.
///
/// ```no_run
/// use tdata_runtime::{Config, Engine};
///
/// let engine = Engine::new(Config::new().project("shop").seed(7));
/// let data = engine.request(["users"]).volume("users", 50).provision()?;
/// println!("{}", data.url());
/// drop(data);
/// engine.close();
/// # Ok::<(), tdata_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    config: Config,
    servers: Servers,
    /// What is ready on each server, by the settings it was asked for with.
    stocks: Keyed<ServerSettings, Result<Arc<Stock>, Error>>,
    files: ReadFiles,
    is_closed: AtomicBool,
}

impl Engine {
    /// Makes an engine. Nothing is read, booted or connected to before something is asked for.
    pub fn new(config: Config) -> Self {
        Self(Arc::new(Inner {
            servers: Servers::new(config.notices_sink().clone()),
            config,
            stocks: Keyed::default(),
            files: ReadFiles::default(),
            is_closed: AtomicBool::new(false),
        }))
    }

    /// Closes the engine. What only this engine uses is dropped; a database whose handle is still held goes with that
    /// handle, or with the process. Data stay if they are kept ([`Config::keep`]) or have a time ([`TestData::keep_for`](crate::TestData::keep_for)).
    /// Clones are left to other processes of the workspace. On a server by URL, the last process that uses it drops
    /// everything that tdata made there.
    ///
    /// A closed engine refuses every request. Closing it again does nothing.
    pub fn close(&self) {
        self.0.close();
    }

    /// Returns what it works with.
    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// Returns the files of a project's definitions.
    pub(crate) fn files(&self, project: &Project) -> Result<Arc<Files>, Diagnostic> {
        self.0.files.of(project, self.0.config.migrates(project))
    }

    /// Returns a project's migrations. Says which files are left out, and of a folder that is not named, once.
    pub(crate) fn migrations(&self, asked: &Asked) -> Result<ReadMigrations, MigrateError> {
        let (read, is_new) = self.0.files.migrations(asked)?;
        if is_new {
            let Asked { root, settings, function, .. } = asked;
            let unnamed = function.is_none().then(|| unnamed_migrations(root, settings)).flatten();
            let told = [read.migrations.left_out(), unnamed];
            told.into_iter().flatten().for_each(|text| self.config().notices_sink().say(text));
        }
        Ok(read)
    }

    /// Returns what is ready on the server for these settings. Boots the server if nobody has yet. Threads that ask in the
    /// meantime wait, and get the same answer: a failure is not tried again.
    pub(crate) fn stock(&self, settings: &ServerSettings) -> Result<Arc<Stock>, Error> {
        if self.0.is_closed.load(Ordering::SeqCst) {
            return Err(ServerError::Closed.into());
        }
        self.forget_unusable();
        let open = || begin(self.0.servers.open(settings)?);
        let stock = self.0.stocks.get_or_make(settings.clone(), open);
        // It may have been closed in the meantime, before there was anything to end.
        if self.0.is_closed.load(Ordering::SeqCst) {
            self.0.end_stocks();
            return Err(ServerError::Closed.into());
        }
        stock
    }

    /// Returns what is ready on the server for these settings, if there is one already: this engine's, or one that other
    /// processes booted.
    pub(crate) fn running(&self, settings: &ServerSettings) -> Option<Arc<Stock>> {
        if self.0.is_closed.load(Ordering::SeqCst) {
            return None;
        }
        self.forget_unusable();
        if let Some(stock) = self.0.stocks.get(settings) {
            return stock.ok();
        }
        let server = self.0.servers.find(settings)?;
        // Should another thread have begun in the meantime, that is the one.
        let stock = self.0.stocks.get_or_make(settings.clone(), || begin(server)).ok();
        if self.0.is_closed.load(Ordering::SeqCst) {
            self.0.end_stocks();
            return None;
        }
        stock
    }

    /// Forgets a server that went away, so that the next request gets another.
    pub(crate) fn forget(&self, server: &Server) {
        self.0.servers.doubt(server);
        self.forget_unusable();
    }

    /// Forgets the servers that are not there any more.
    fn forget_unusable(&self) {
        self.0.stocks.retain(|stock| {
            stock.as_ref().is_ok_and(|stock| stock.session.server.is_usable()) || stock.is_err()
        });
    }
}

fn begin(server: Server) -> Result<Arc<Stock>, Error> {
    Ok(Arc::new(Stock::new(Session::begin(server)?)))
}

impl Inner {
    fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.end_stocks();
    }

    /// Ends what is there; each ends once, whoever asks.
    fn end_stocks(&self) {
        for stock in self.stocks.take().into_iter().flatten() {
            // What a process forked has no say in.
            if stock.session.server.is_of_this_process() {
                stock.end();
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({:?})", self.0.config)
    }
}
