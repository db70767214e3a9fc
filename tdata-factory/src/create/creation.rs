//! Records made and stored, as steps that any client can do.

use std::any::{Any, TypeId};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tdata_core::value::CopyBinary;

use super::asking::{Asked, Told};
use super::copy::{Copy, Progress};
use super::insert;
use crate::context::Context;
use crate::factory::{
    AfterCreate, Chunk, Demand, FactoryBuilder, Making, Pending, Rows, Run, Wanted, Way, attempt,
};
use crate::record::Record as _;
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
    /// The current copy.
    copy: Option<Copy>,
    /// Where the records come from that are being stored.
    run: Option<Run>,
    /// What went wrong while records were made that are being stored already.
    panic: Option<Box<dyn Any + Send>>,
}

/// A statement that stores rows of a record, or that a hook wants.
struct Statement {
    /// The record, if it is of one only.
    record: &'static str,
    work: Work,
}

/// What a statement does.
enum Work {
    Execute(String),
    Copy(Copy),
}

/// So many records are made while the database reads those before. Their rows should fit into the
/// memory of a socket, 100 to 200 KiB, and be more than some values.
const PORTION: usize = 256;

enum State {
    /// The next records are to be made.
    Start,
    /// The database was asked for keys, and how it receives rows.
    Asking(Asked, Option<Box<dyn Pending>>),
    /// A savepoint was asked for, which only a transaction has.
    Opening,
    /// The statements are being done, within a transaction if they are more than one.
    Storing { record: &'static str, transaction: Option<Transaction> },
    /// A savepoint was asked for, from which the next copy can begin again, if there is a transaction.
    Guarding { record: &'static str, transaction: Option<Transaction> },
    /// The transaction is going back to before the copy, which begins again.
    GoingBack { record: &'static str, transaction: Transaction },
    /// The transaction is being undone, because of an error.
    Undoing(StoreError),
}

/// The transaction, or the part of one, around several steps.
#[derive(Clone, Copy)]
enum Transaction {
    /// There is a savepoint in the client's transaction.
    Savepoint,
    /// There is one only for the copy.
    CopySavepoint,
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
            copy: None,
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
                    self.statements.push_back(Statement { record: "", work: Work::Execute(sql) });
                    return self.store();
                }
                Some(Wanted::Create(pending)) => {
                    pending.demand(&mut demand);
                    Some(pending)
                }
            }
        };
        let Some((asked, query)) = Asked::of(&demand)? else {
            return self.make(Told::default(), pending);
        };
        self.state = State::Asking(asked, pending);
        Ok(Some(Step::Query(query)))
    }

    fn make(
        &mut self,
        told: Told,
        pending: Option<Box<dyn Pending>>,
    ) -> Result<Option<Step>, StoreError> {
        let mut run = Run::to_be_stored(self.context.clone(), told.keys);
        let growing = match pending {
            None => {
                let making = begun(&mut run, self.builder, self.count);
                let growing = !making.is_finished();
                self.making = Some(making);
                growing
            }
            Some(pending) => {
                pending.make(&mut run);
                false
            }
        };
        let chunks = run.chunks();
        let count = chunks.len();
        for (at, chunk) in chunks.iter_mut().enumerate() {
            let growing = growing && at + 1 == count;
            self.statements.push_back(Statement::storing(chunk, &told.binary, growing)?);
        }
        self.run = Some(run);
        self.join();
        self.store()
    }

    /// Makes one message of several statements, which is atomic by itself, unless there are copies among them.
    fn join(&mut self) {
        let executes = |statement: &Statement| matches!(statement.work, Work::Execute(_));
        if self.statements.len() < 2 || !self.statements.iter().all(executes) {
            return;
        }
        let sql = self.statements.drain(..).filter_map(|statement| match statement.work {
            Work::Execute(sql) => Some(sql),
            Work::Copy(_) => None,
        });
        let work = Work::Execute(sql.collect::<Vec<_>>().join("\n"));
        self.statements.push_back(Statement { record: "", work });
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
        if let Some(Statement { record, work }) = self.statements.pop_front() {
            return Ok(Some(match work {
                Work::Execute(sql) => {
                    self.state = State::Storing { record, transaction };
                    Step::Execute(sql)
                }
                Work::Copy(copy) if copy.may_fail() => {
                    self.copy = Some(copy);
                    self.state = State::Guarding { record, transaction };
                    Step::Execute("SAVEPOINT tdata_copy".to_owned())
                }
                Work::Copy(copy) => self.copy(copy, record, transaction),
            }));
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

    /// Begins a copy.
    fn copy(&mut self, copy: Copy, record: &'static str, transaction: Option<Transaction>) -> Step {
        self.state = State::Storing { record, transaction };
        Step::Copy(self.copy.insert(copy).statement())
    }

    /// Begins the current copy, once it is known whether there is a transaction.
    fn begin_copy(
        &mut self,
        record: &'static str,
        transaction: Option<Transaction>,
    ) -> Result<Option<Step>, StoreError> {
        let copy = self.copy.take().ok_or_else(StoreError::answer)?;
        Ok(Some(self.copy(copy, record, transaction)))
    }

    /// Begins the current copy again, as text, if a row of it has no binary form.
    fn copy_again(
        &mut self,
        record: &'static str,
        transaction: Option<Transaction>,
    ) -> Option<Step> {
        let mut copy = self.copy.take_if(|copy| copy.progress() == Progress::Failed)?;
        copy.again();
        Some(match transaction {
            None => self.copy(copy, record, None),
            Some(transaction) => {
                self.copy = Some(copy);
                self.state = State::GoingBack { record, transaction };
                Step::Execute("ROLLBACK TO SAVEPOINT tdata_copy".to_owned())
            }
        })
    }

    /// Undoes what was begun, because rows of a record were refused.
    fn refused(
        &mut self,
        error: StoreError,
        record: &'static str,
        transaction: Option<Transaction>,
    ) -> Result<Option<Step>, StoreError> {
        let error = if record.is_empty() { error } else { error.of_rows(record) };
        let Some(transaction) = transaction else { return Err(self.fail(error)) };
        self.state = State::Undoing(error);
        Ok(Some(Step::Execute(transaction.undo().to_owned())))
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
            (State::Guarding { record, transaction: None }, Answer::Refused(error))
                if error.sqlstate() == Some(NO_ACTIVE_TRANSACTION) =>
            {
                self.begin_copy(record, None)
            }
            (State::Guarding { record, transaction }, Answer::Done) => {
                self.begin_copy(record, Some(transaction.unwrap_or(Transaction::CopySavepoint)))
            }
            (State::GoingBack { record, transaction }, Answer::Done) => {
                self.begin_copy(record, Some(transaction))
            }
            (State::Storing { record, transaction }, Answer::Refused(error)) => {
                match self.copy_again(record, transaction) {
                    Some(step) => Ok(Some(step)),
                    None => self.refused(error, record, transaction),
                }
            }
            (State::Guarding { record, transaction }, Answer::Refused(error)) => {
                self.refused(error, record, transaction)
            }
            (State::Storing { transaction, .. }, _) => self.next_step(transaction),
            (State::Asking(asked, pending), Answer::Row(row)) => {
                let told = asked.read(&row).ok_or_else(StoreError::answer)?;
                self.make(told, pending)
            }
            (_, Answer::Refused(error)) => Err(error),
            (
                State::Asking(..)
                | State::Opening
                | State::Guarding { .. }
                | State::GoingBack { .. },
                _,
            ) => Err(StoreError::answer()),
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
/// records add a row each to one table only, which is the last, they can be made while it is copied into;
/// else all are made.
fn begun<'b, B: FactoryBuilder>(run: &mut Run, builder: &'b B, count: usize) -> Making<'b, B> {
    let record = TypeId::of::<B::Record>();
    let mut making = Making::start(run, builder, count, Way::Asked);
    making.make(run, 1);
    let first = run.rows_of(record);
    making.make(run, PORTION);
    // The records of a builder have parents and children alike.
    let is_alone = match (first, run.rows_of(record)) {
        (Some((_, before)), Some((own, others))) => {
            others == before && own == making.records().len()
        }
        _ => false,
    };
    if !is_alone {
        making.make(run, count);
    }
    making
}

impl Statement {
    /// Stores the rows of a chunk, which are taken; more of them follow if it is `growing`.
    fn storing(
        chunk: &mut Chunk,
        binary: &HashMap<TypeId, CopyBinary>,
        growing: bool,
    ) -> Result<Self, StoreError> {
        let descriptor = chunk.descriptor;
        let work = match &chunk.rows {
            Rows::Few(rows) => Work::Execute(insert::values(descriptor, rows)?),
            Rows::Many(columns) => {
                Work::Copy(Copy::new(descriptor, columns, binary.get(&chunk.record), growing)?)
            }
        };
        chunk.rows.clear();
        Ok(Self { record: descriptor.record, work })
    }
}

impl Transaction {
    fn end(self) -> &'static str {
        match self {
            Self::Own => "COMMIT",
            Self::Savepoint => "RELEASE SAVEPOINT tdata_create",
            Self::CopySavepoint => "RELEASE SAVEPOINT tdata_copy",
        }
    }

    fn undo(self) -> &'static str {
        match self {
            Self::Own => "ROLLBACK",
            Self::Savepoint => "ROLLBACK TO SAVEPOINT tdata_create; RELEASE SAVEPOINT tdata_create",
            Self::CopySavepoint => "ROLLBACK TO SAVEPOINT tdata_copy; RELEASE SAVEPOINT tdata_copy",
        }
    }
}

impl<B: FactoryBuilder> Steps for Creation<'_, B> {
    fn next(&mut self, answer: Answer) -> Result<Option<Step>, StoreError> {
        attempt(|| self.step(answer)).unwrap_or_else(|why| Err(StoreError::cannot_make(why)))
    }

    fn rows(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(copy) = &mut self.copy else { return Ok(None) };
        if let Some(first) = copy.take_first() {
            return Ok(Some(first));
        }
        let (Some(making), Some(run)) = (&mut self.making, &mut self.run) else { return Ok(None) };
        let gone = match copy.progress() {
            Progress::Growing => making.records().len(),
            Progress::Again(gone) => gone,
            Progress::Whole | Progress::Failed => return Ok(None),
        };
        if making.is_finished() && gone == making.records().len() {
            return Ok(None);
        }
        // What a user's closure panics with must not leave a transaction open.
        let made = catch_unwind(AssertUnwindSafe(|| portion(making, run, copy, gone)));
        match made {
            Ok(Some(rows)) => Ok(Some(rows)),
            Ok(None) => Err(StoreError::not_made()),
            Err(panic) => {
                self.panic = Some(panic);
                Err(StoreError::not_made())
            }
        }
    }
}

/// Makes the next portion of a copy, behind so many rows that are gone, and writes it; `None` where that cannot be done.
fn portion<B: FactoryBuilder>(
    making: &mut Making<'_, B>,
    run: &mut Run,
    copy: &mut Copy,
    gone: usize,
) -> Option<Vec<u8>> {
    if gone == making.records().len() {
        making.make(run, PORTION);
    }
    let chunk = run.chunks().last_mut()?;
    let rows = match (&chunk.rows, copy.progress()) {
        (_, Progress::Again(_)) => {
            let next = making.records()[gone..].iter().take(PORTION);
            Some(copy.more_again(next.map(|record| record.to_values())))
        }
        (Rows::Many(columns), _) => copy.more(columns, making.is_finished()),
        (Rows::Few(_), _) => None,
    };
    chunk.rows.clear();
    rows
}
