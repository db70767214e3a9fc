//! Records made and stored, as steps that any client can do.

use std::any::{Any, TypeId};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tdata_core::sql::quote_literal;

use super::insert;
use crate::context::Context;
use crate::factory::{
    AfterCreate, Demand, FactoryBuilder, Making, Pending, Rows, Run, Wanted, Way, attempt,
};
use crate::record::Descriptor;
use crate::store::{Answer, Step, Steps, StoreError};

/// The code of a statement that only a transaction takes, outside of one.
const NO_ACTIVE_TRANSACTION: &str = "25P01";

/// Records on their way into a database: keys are asked for, the records are made, their rows are
/// stored, and their hooks run, whose records are stored likewise.
pub(super) struct Creation<'a, B: FactoryBuilder> {
    builder: &'a B,
    count: usize,
    context: Context,
    /// The records, from their first on.
    making: Option<Making<'a, B>>,
    /// What hooks want done, one after the other.
    wanted: VecDeque<Wanted>,
    state: State,
    statements: VecDeque<Statement>,
    /// The rows that the current copy begins with.
    rows: Option<Vec<u8>>,
    /// Where the records come from that are being stored.
    run: Option<Run>,
    /// What went wrong while records were made that are being stored already.
    panic: Option<Box<dyn Any + Send>>,
}

/// A statement that stores rows of a record, or that a hook wants.
struct Statement {
    /// The record, if it is of one only.
    record: &'static str,
    sql: String,
    /// The rows, or the first of them, where the statement copies some.
    rows: Option<Vec<u8>>,
}

/// So many records are made while the database reads those before. Their text should fit into the
/// memory of a socket, 100 to 200 KiB, and be more than some values.
const PORTION: usize = 256;

enum State {
    /// The next records are to be made.
    Start,
    /// The database was asked for keys.
    Keys(Vec<(TypeId, u64)>, Option<Box<dyn Pending>>),
    /// A savepoint was asked for, which only a transaction has.
    Opening,
    /// The statements are being done, within a transaction if they are more than one.
    Storing { record: &'static str, transaction: Option<Transaction> },
    /// The transaction is being undone, because of an error.
    Undoing(StoreError),
}

/// The transaction, or the part of one, around several steps.
#[derive(Clone, Copy)]
enum Transaction {
    /// There is a savepoint in the client's transaction.
    Savepoint,
    /// There is a transaction of our own.
    Own,
}

impl<'a, B: FactoryBuilder> Creation<'a, B> {
    pub(super) fn new(builder: &'a B, count: usize) -> Self {
        Self {
            builder,
            count,
            context: Context::current(),
            making: None,
            wanted: VecDeque::new(),
            state: State::Start,
            statements: VecDeque::new(),
            rows: None,
            run: None,
            panic: None,
        }
    }

    /// Returns the records, once all is done.
    pub(super) fn into_records(self) -> Result<Vec<B::Record>, StoreError> {
        self.making.map(Making::into_records).ok_or_else(StoreError::answer)
    }

    /// Returns the one record, once all is done.
    pub(super) fn into_one(self) -> Result<B::Record, StoreError> {
        self.into_records()?.pop().ok_or_else(StoreError::answer)
    }

    /// Runs the hooks of what was stored, then asks for the keys of the records that are made next, or
    /// makes them.
    fn start(&mut self) -> Result<Option<Step>, StoreError> {
        let mut after = AfterCreate::default();
        for hook in self.run.take().map(Run::into_hooks).unwrap_or_default() {
            hook.run(&mut after);
        }
        // What later hooks want comes behind what is wanted already.
        self.wanted.extend(after.wanted);
        let mut demand = Demand::default();
        let pending = if self.making.is_none() {
            demand.of(self.builder, self.count as u64);
            None
        } else {
            match self.wanted.pop_front() {
                None => return Ok(None),
                Some(Wanted::Execute(sql)) => {
                    self.statements.push_back(Statement { record: "", sql, rows: None });
                    return self.store();
                }
                Some(Wanted::Create(pending)) => {
                    pending.demand(&mut demand);
                    Some(pending)
                }
            }
        };
        if demand.keys().is_empty() {
            return self.make(HashMap::new(), pending);
        }
        let mut columns = Vec::new();
        for key in demand.keys() {
            let table = quote_literal(&insert::table(key.descriptor)?.to_string());
            let (column, count) = (quote_literal(key.column), key.count);
            // Null where no sequence belongs to the column. `OFFSET 0` lets it be looked up once.
            columns.push(format!(
                "(SELECT string_agg(nextval(name)::text, ',') FROM (\
                 SELECT pg_get_serial_sequence({table}, {column})::regclass AS name OFFSET 0\
                 ) AS sequence, generate_series(1, {count}))"
            ));
        }
        let asked = demand.keys().iter().map(|key| (key.record, key.count)).collect();
        self.state = State::Keys(asked, pending);
        Ok(Some(Step::Query(format!("SELECT {}", columns.join(", ")))))
    }

    fn make(
        &mut self,
        keys: HashMap<TypeId, VecDeque<i64>>,
        pending: Option<Box<dyn Pending>>,
    ) -> Result<Option<Step>, StoreError> {
        let mut run = Run::to_be_stored(self.context.clone(), keys);
        match pending {
            None => self.making = Some(begun(&mut run, self.builder, self.count)),
            Some(pending) => pending.make(&mut run),
        }
        for (descriptor, rows) in run.take_chunks() {
            self.statements.push_back(Statement::storing(descriptor, rows)?);
        }
        self.run = Some(run);
        let copies = self.statements.iter().any(|statement| statement.rows.is_some());
        if self.statements.len() > 1 && !copies {
            // As one message, which is atomic by itself.
            let sql: Vec<String> = self.statements.drain(..).map(|one| one.sql).collect();
            self.statements.push_back(Statement { record: "", sql: sql.join("\n"), rows: None });
        }
        self.store()
    }

    /// Does the statements that there are, several of them within a transaction.
    fn store(&mut self) -> Result<Option<Step>, StoreError> {
        if self.statements.len() > 1 {
            self.state = State::Opening;
            return Ok(Some(Step::Execute("SAVEPOINT tdata_create".to_owned())));
        }
        self.next_step(None)
    }

    fn next_step(&mut self, transaction: Option<Transaction>) -> Result<Option<Step>, StoreError> {
        if let Some(Statement { record, sql, rows }) = self.statements.pop_front() {
            self.state = State::Storing { record, transaction };
            let step = if rows.is_some() { Step::Copy(sql) } else { Step::Execute(sql) };
            self.rows = rows;
            return Ok(Some(step));
        }
        self.state = State::Start;
        match transaction {
            None => self.start(),
            Some(transaction) => {
                // The next call finds nothing left to store.
                self.state = State::Storing { record: "", transaction: None };
                Ok(Some(Step::Execute(transaction.end().to_owned())))
            }
        }
    }

    /// Goes on behind the answer to the last step.
    fn step(&mut self, answer: Answer) -> Result<Option<Step>, StoreError> {
        match (std::mem::replace(&mut self.state, State::Start), answer) {
            (State::Undoing(error), _) => Err(self.fail(error)),
            (State::Opening, Answer::Refused(error))
                if error.sqlstate() == Some(NO_ACTIVE_TRANSACTION) =>
            {
                self.state = State::Storing { record: "", transaction: Some(Transaction::Own) };
                Ok(Some(Step::Execute("BEGIN".to_owned())))
            }
            (State::Opening, Answer::Done) => self.next_step(Some(Transaction::Savepoint)),
            (State::Storing { record, transaction }, Answer::Refused(error)) => {
                let error = if record.is_empty() { error } else { error.of_rows(record) };
                let Some(transaction) = transaction else { return Err(self.fail(error)) };
                self.state = State::Undoing(error);
                Ok(Some(Step::Execute(transaction.undo().to_owned())))
            }
            (State::Storing { transaction, .. }, _) => self.next_step(transaction),
            (State::Keys(asked, pending), Answer::Row(row)) => {
                let keys = keys(&asked, &row).ok_or_else(StoreError::answer)?;
                self.make(keys, pending)
            }
            (_, Answer::Refused(error)) => Err(error),
            (State::Keys(..) | State::Opening, _) => Err(StoreError::answer()),
            (State::Start, _) => self.start(),
        }
    }

    /// Ends with an error; with a panic, if that is what the error came of.
    fn fail(&mut self, error: StoreError) -> StoreError {
        match self.panic.take() {
            None => error,
            Some(panic) => resume_unwind(panic),
        }
    }
}

/// Begins a batch: makes so many of its records that it is clear what their rows follow. If the other
/// records add rows to one table only, which is the last, they can be made while it is copied into;
/// else all are made.
fn begun<'b, B: FactoryBuilder>(run: &mut Run, builder: &'b B, count: usize) -> Making<'b, B> {
    let record = TypeId::of::<B::Record>();
    let mut making = Making::start(run, builder, count, Way::Asked);
    making.make(run, 1);
    let before = run.rows_before(record);
    making.make(run, PORTION);
    // The records of a builder have parents and children alike.
    if before.is_none() || run.rows_before(record) != before {
        making.make(run, count);
    }
    making
}

impl Statement {
    fn storing(descriptor: &Descriptor, rows: Rows) -> Result<Self, StoreError> {
        let (sql, rows) = match rows {
            Rows::Few(rows) => (insert::values(descriptor, &rows)?, None),
            Rows::Many(text) => (insert::copy(descriptor)?, Some(text)),
        };
        Ok(Self { record: descriptor.record, sql, rows })
    }
}

impl Transaction {
    fn end(self) -> &'static str {
        match self {
            Self::Own => "COMMIT",
            Self::Savepoint => "RELEASE SAVEPOINT tdata_create",
        }
    }

    fn undo(self) -> &'static str {
        match self {
            Self::Own => "ROLLBACK",
            Self::Savepoint => "ROLLBACK TO SAVEPOINT tdata_create; RELEASE SAVEPOINT tdata_create",
        }
    }
}

impl<B: FactoryBuilder> Steps for Creation<'_, B> {
    fn next(&mut self, answer: Answer) -> Result<Option<Step>, StoreError> {
        attempt(|| self.step(answer)).unwrap_or_else(|why| Err(StoreError::cannot_make(why)))
    }

    fn rows(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let first = self.rows.take();
        if first.is_some() || !self.statements.is_empty() {
            return Ok(first);
        }
        let (Some(making), Some(run)) = (&mut self.making, &mut self.run) else { return Ok(None) };
        if making.is_finished() {
            return Ok(None);
        }
        // What a user's closure panics with must not leave a transaction open.
        let made = catch_unwind(AssertUnwindSafe(|| {
            making.make(run, PORTION);
            run.take_chunks().last()
        }));
        match made {
            Ok(Some((_, Rows::Many(text)))) => Ok(Some(text)),
            Ok(_) => Err(StoreError::not_made()),
            Err(panic) => {
                self.panic = Some(panic);
                Err(StoreError::not_made())
            }
        }
    }
}

/// Reads the keys that the database gave.
fn keys(asked: &[(TypeId, u64)], row: &[Option<String>]) -> Option<HashMap<TypeId, VecDeque<i64>>> {
    let mut keys = HashMap::new();
    for ((record, count), given) in asked.iter().zip(row) {
        let Some(given) = given else { continue };
        let given: VecDeque<i64> =
            given.split(',').map(|key| key.parse().ok()).collect::<Option<_>>()?;
        if given.len() as u64 != *count {
            return None;
        }
        keys.insert(*record, given);
    }
    Some(keys)
}
