//! Records made and stored, as steps that any client can do.

use std::any::TypeId;
use std::collections::{HashMap, VecDeque};

use tdata_core::definition::quote_literal;

use super::insert;
use crate::context::Context;
use crate::factory::{AfterCreate, Demand, FactoryBuilder, Hook, Pending, Rows, Run, Wanted};
use crate::store::{Answer, Step, Steps, StoreError};

/// The code of a statement that only a transaction takes, outside of one.
const NO_ACTIVE_TRANSACTION: &str = "25P01";

/// Records on their way into a database: keys are asked for, the records are made, their rows are
/// stored, and their hooks run, whose records are stored likewise.
pub(super) struct Creation<'a, B: FactoryBuilder> {
    builder: &'a B,
    count: usize,
    context: Context,
    records: Option<Vec<B::Record>>,
    /// What hooks want done, one after the other.
    wanted: VecDeque<Wanted>,
    state: State,
    steps: VecDeque<(&'static str, Step)>,
    /// The hooks of the records that are being stored.
    hooks: Vec<Hook>,
}

enum State {
    /// The next records are to be made.
    Start,
    /// The database was asked for keys.
    Keys(Vec<(TypeId, u64)>, Option<Box<dyn Pending>>),
    /// A savepoint was asked for, which only a transaction has.
    Opening,
    /// The steps are being done that store rows, within a transaction if they are more than one.
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
            records: None,
            wanted: VecDeque::new(),
            state: State::Start,
            steps: VecDeque::new(),
            hooks: Vec::new(),
        }
    }

    /// Returns the records, once all is done.
    pub(super) fn into_records(self) -> Result<Vec<B::Record>, StoreError> {
        self.records.ok_or_else(StoreError::answer)
    }

    /// Returns the one record, once all is done.
    pub(super) fn into_one(self) -> Result<B::Record, StoreError> {
        self.into_records()?.pop().ok_or_else(StoreError::answer)
    }

    /// Runs the hooks of what was stored, then asks for the keys of the records that are made next, or
    /// makes them.
    fn start(&mut self) -> Result<Option<Step>, StoreError> {
        let mut after = AfterCreate::default();
        for hook in self.hooks.drain(..) {
            hook.run(&mut after);
        }
        // What later hooks want comes behind what is wanted already.
        self.wanted.extend(after.wanted);
        let mut demand = Demand::default();
        let pending = if self.records.is_none() {
            demand.of(self.builder, self.count as u64);
            None
        } else {
            match self.wanted.pop_front() {
                None => return Ok(None),
                Some(Wanted::Execute(sql)) => {
                    self.steps.push_back(("", Step::Execute(sql)));
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
            None => self.records = Some(run.make_batch(self.builder, self.count)),
            Some(pending) => pending.make(&mut run),
        }
        let stored = run.into_stored();
        for chunk in stored.chunks {
            let step = match chunk.rows {
                Rows::Few(rows) => Step::Execute(insert::values(chunk.descriptor, &rows)?),
                Rows::Many(rows) => insert::copy(chunk.descriptor, rows)?,
            };
            self.steps.push_back((chunk.descriptor.record, step));
        }
        let statements: Option<Vec<&str>> =
            self.steps.iter().map(|(_, step)| step.statements()).collect();
        if let Some(several) = statements.filter(|all| all.len() > 1) {
            // As one message, which is atomic by itself.
            self.steps = VecDeque::from([("", Step::Execute(several.join("\n")))]);
        }
        self.hooks = stored.hooks;
        self.store()
    }

    /// Does the steps that there are, several of them within a transaction.
    fn store(&mut self) -> Result<Option<Step>, StoreError> {
        if self.steps.len() > 1 {
            self.state = State::Opening;
            return Ok(Some(Step::Execute("SAVEPOINT tdata_create".to_owned())));
        }
        self.next_step(None)
    }

    fn next_step(&mut self, transaction: Option<Transaction>) -> Result<Option<Step>, StoreError> {
        if let Some((record, step)) = self.steps.pop_front() {
            self.state = State::Storing { record, transaction };
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
        match (std::mem::replace(&mut self.state, State::Start), answer) {
            (State::Undoing(error), _) => Err(error),
            (State::Opening, Answer::Refused(error))
                if error.sqlstate() == Some(NO_ACTIVE_TRANSACTION) =>
            {
                self.state = State::Storing { record: "", transaction: Some(Transaction::Own) };
                Ok(Some(Step::Execute("BEGIN".to_owned())))
            }
            (State::Opening, Answer::Done) => self.next_step(Some(Transaction::Savepoint)),
            (State::Storing { record, transaction }, Answer::Refused(error)) => {
                let error = if record.is_empty() { error } else { error.of_rows(record) };
                let Some(transaction) = transaction else { return Err(error) };
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
