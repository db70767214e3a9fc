//! One building of records, with their parents and children, and what hooks want done behind it: which may be
//! more building.

use std::any::TypeId;
use std::collections::{HashMap, HashSet, VecDeque};

use super::demand::Demand;
use super::nesting::Nesting;
use super::rows::Rows;
use crate::context::Context;
use crate::record::{Descriptor, Record};

/// One building of records, with their parents and children; in memory, or on the way into a
/// database.
#[derive(Debug)]
pub struct Run {
    pub(super) context: Context,
    /// The builders that are making records.
    pub(super) nesting: Nesting,
    stored: Option<Stored>,
}

/// What is built to be stored.
#[derive(Debug, Default)]
struct Stored {
    /// The keys that the database gave, by record.
    keys: HashMap<TypeId, VecDeque<i64>>,
    /// The rows, in an order in which every row follows those it references.
    chunks: Vec<Chunk>,
    /// What is left to do once they are stored.
    hooks: Vec<Hook>,
    /// Which records reference which.
    references: HashSet<(TypeId, TypeId)>,
}

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) record: TypeId,
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) rows: Rows,
    /// How many rows there have been.
    count: usize,
}

/// The chunk that a row has before it is made. Within a chunk the order does not matter: PostgreSQL
/// checks references when a statement ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(usize);

impl Run {
    /// Starts a building in memory.
    pub(super) fn in_memory() -> Self {
        Self { context: Context::current(), nesting: Nesting::default(), stored: None }
    }

    /// Starts a building to be stored.
    pub(crate) fn to_be_stored(context: Context, keys: HashMap<TypeId, VecDeque<i64>>) -> Self {
        let stored = Stored { keys, ..Stored::default() };
        Self { context, nesting: Nesting::default(), stored: Some(stored) }
    }

    /// Tells whether what is built will be stored.
    pub(super) fn is_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// Takes a key that the database gave to a record.
    pub(super) fn key(&mut self, record: TypeId) -> Option<i64> {
        self.stored.as_mut()?.keys.get_mut(&record)?.pop_front()
    }

    /// Notes that rows of one record reference those of another.
    pub(super) fn references(&mut self, child: TypeId, parent: TypeId) {
        if let Some(stored) = &mut self.stored {
            stored.references.insert((child, parent));
        }
    }

    /// Takes a place for a row, behind those it references and before those that reference it.
    pub(super) fn place(
        &mut self,
        record: TypeId,
        descriptor: &'static Descriptor,
    ) -> Option<Place> {
        let stored = self.stored.as_mut()?;
        // Rows of a table are best stored together, as far as none of their parents come later.
        let parents_after = |chunk: usize| {
            stored.chunks[chunk + 1..]
                .iter()
                .any(|later| stored.references.contains(&(record, later.record)))
        };
        let same = stored.chunks.iter().rposition(|chunk| chunk.record == record);
        let chunk = same.filter(|chunk| !parents_after(*chunk)).unwrap_or_else(|| {
            stored.chunks.push(Chunk { record, descriptor, rows: Rows::Few(Vec::new()), count: 0 });
            stored.chunks.len() - 1
        });
        Some(Place(chunk))
    }

    /// Puts a row into its place.
    pub(super) fn put(&mut self, place: Place, record: &impl Record) {
        if let Some(stored) = &mut self.stored {
            let chunk = &mut stored.chunks[place.0];
            chunk.rows.add(record);
            chunk.count += 1;
        }
    }

    /// Has something done once all is stored.
    pub(super) fn after_create(&mut self, hook: impl FnOnce(&mut AfterCreate) + Send + 'static) {
        if let Some(stored) = &mut self.stored {
            stored.hooks.push(Hook::new(hook));
        }
    }

    /// Returns how many rows there are of a record, and how many others, if that record's are to be stored last.
    pub(crate) fn rows_of(&self, record: TypeId) -> Option<(usize, usize)> {
        let (last, before) = self.stored.as_ref()?.chunks.split_last()?;
        let others = before.iter().map(|chunk| chunk.count).sum();
        (last.record == record).then_some((last.count, others))
    }

    /// Returns the rows that there are, in an order in which every row follows those it references.
    pub(crate) fn chunks(&mut self) -> &mut [Chunk] {
        self.stored.as_mut().map_or(&mut [], |stored| &mut stored.chunks)
    }

    /// Returns what is left to do once all is stored.
    pub(crate) fn into_hooks(self) -> Vec<Hook> {
        self.stored.map(|stored| stored.hooks).unwrap_or_default()
    }
}

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
