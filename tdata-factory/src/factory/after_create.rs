//! What is done once records are stored.

use super::builder::FactoryBuilder;
use super::demand::Demand;
use super::run::Run;

/// Collects what an `after_create` hook wants done: it is done where the record was stored, in the
/// order it was asked for, once all records of the same call are stored.
///
/// ```
/// use tdata::{AfterCreate, Factory, Record};
///
/// #[derive(Clone, Debug, Record, Factory)]
/// #[record(table = "users")]
/// #[factory(after_create = welcome)]
/// struct User {
///     id: i32,
///     #[factory(default = "Ada")]
///     name: String,
/// }
///
/// fn welcome(user: &User, after: &mut AfterCreate) {
///     after.execute(format!("INSERT INTO letters (user_id) VALUES ({})", user.id));
/// }
/// ```
#[derive(Default)]
pub struct AfterCreate {
    pub(crate) wanted: Vec<Wanted>,
}

/// One thing that a hook wants done.
#[derive(Debug)]
pub(crate) enum Wanted {
    Execute(String),
    Create(Box<dyn Pending>),
}

/// Records to be made and stored.
pub(crate) trait Pending: Send + std::fmt::Debug {
    fn demand(&self, demand: &mut Demand);
    fn make(&self, run: &mut Run);
}

#[derive(Debug)]
struct PendingBatch<B> {
    builder: B,
    count: usize,
}

impl AfterCreate {
    /// Has a record made and stored.
    pub fn create<B: FactoryBuilder + Send + std::fmt::Debug>(&mut self, builder: B) {
        self.create_batch(builder, 1);
    }

    /// Has records made and stored.
    pub fn create_batch<B>(&mut self, builder: B, count: usize)
    where
        B: FactoryBuilder + Send + std::fmt::Debug,
    {
        if count > 0 {
            self.wanted.push(Wanted::Create(Box::new(PendingBatch { builder, count })));
        }
    }

    /// Has SQL executed: one statement or more, without parameters.
    pub fn execute(&mut self, sql: impl Into<String>) {
        self.wanted.push(Wanted::Execute(sql.into()));
    }
}

impl<B: FactoryBuilder + Send + std::fmt::Debug> Pending for PendingBatch<B> {
    fn demand(&self, demand: &mut Demand) {
        demand.of(&self.builder, self.count as u64);
    }

    fn make(&self, run: &mut Run) {
        let _stored = run.make_batch(&self.builder, self.count);
    }
}

/// A record's hook, bound to it.
pub(crate) struct Hook(Box<dyn FnOnce(&mut AfterCreate) + Send>);

impl Hook {
    pub(super) fn new(hook: impl FnOnce(&mut AfterCreate) + Send + 'static) -> Self {
        Self(Box::new(hook))
    }

    pub(crate) fn run(self, after: &mut AfterCreate) {
        (self.0)(after);
    }
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

/// Says how much is wanted, and not what: SQL may hold values.
impl std::fmt::Debug for AfterCreate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AfterCreate({})", self.wanted.len())
    }
}
