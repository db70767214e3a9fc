//! Copies rows in: made on threads ahead of the stream, sent by the one that has the connection.

use std::io::Write;
use std::ops::Range;

use postgres::Transaction;
use tdata_core::plan::DatasetPlan;
use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER};

use super::ahead;
use super::copied::CopiedRows;
use super::copying::Copying;
use super::dealt::{Dealt, Feed};
use super::error::LoadError;
use super::progress::{Observer, Progress, unobserved};
use super::surroundings;
use crate::refusal::Refusal;

/// Generates a dataset's rows and copies them into its table, behind those that are there already.
///
/// # Errors
///
/// What the database refuses.
pub fn copy(transaction: &mut Transaction<'_>, dataset: &DatasetPlan) -> Result<(), LoadError> {
    let rows = dataset.existing.rows..dataset.source.rows();
    let how = Copying::of_rows(rows.end.saturating_sub(rows.start));
    copy_rows(transaction, dataset, rows, how, &mut unobserved, Refusal::from)
}

/// Copies a part of a dataset's rows into its table: those with these indices, whatever others are there.
///
/// The caller commits. So it may write down in the same transaction that the part is there. Parts may be copied in any order,
/// over several connections at once; each is made alone. Where a table has foreign keys already, as those of
/// migrations do, the rows that these lead to come first.
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use tdata_core::plan::DatasetPlan;
/// use tdata_postgres::load::{self, Copying, LoadError, Progress};
///
/// fn part(client: &mut postgres::Client, users: &DatasetPlan) -> Result<(), Box<dyn std::error::Error>> {
///     let rows = 1_000_000..2_000_000;
///     let mut transaction = client.transaction()?;
///     let mut watch = |progress: Progress<'_>| {
///         if let Progress::Rows { dataset, sent } = progress {
///             println!("{dataset}: {sent} rows");
///         }
///         ControlFlow::Continue(())
///     };
///     load::copy_part(&mut transaction, users, rows, Copying::of_rows(1_000_000), &mut watch)?;
///     transaction.execute("INSERT INTO parts (dataset, first) VALUES ('users', 1000000)", &[])?;
///     transaction.commit()?;
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// What the database refuses, or that the observer stopped it. The transaction is of no use then.
///
/// # Panics
///
/// Where the dataset has not so many rows.
pub fn copy_part(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    rows: Range<u64>,
    how: Copying,
    observer: &mut Observer<'_>,
) -> Result<(), LoadError> {
    assert!(rows.end <= dataset.source.rows(), "`{}` has no row {}", dataset.name, rows.end);
    let prepared = surroundings::prepare(transaction);
    prepared.map_err(|error| LoadError::Transaction(error.into()))?;
    copy_rows(transaction, dataset, rows, how, observer, Refusal::from)
}

/// Why a stream ends before its end.
enum End {
    /// Sending failed. The server has said why, and finishing brings its answer.
    Refused,
    /// Something else.
    Failed(LoadError),
}

pub(super) fn copy_rows(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    rows: Range<u64>,
    how: Copying,
    observer: &mut Observer<'_>,
    explain: impl FnOnce(postgres::Error) -> Refusal,
) -> Result<(), LoadError> {
    let rows = CopiedRows::new(dataset, rows, how.chunk)?;
    let refused =
        |error| LoadError::Rows { dataset: dataset.name.clone(), refusal: explain(error) };
    let mut writer = match transaction.copy_in(&rows.statement(how.is_frozen)) {
        Ok(writer) => writer,
        Err(error) => return Err(refused(error)),
    };
    let maker = || {
        let mut blocks = Vec::new();
        let rows = &rows;
        move |chunk, buffer: &mut Vec<u8>| {
            rows.write(chunk, &mut blocks, buffer).map_err(End::Failed)
        }
    };
    let sent =
        ahead::in_order(rows.chunks(), how.generators, maker, |chunk, bytes: &mut Vec<u8>| {
            writer.write_all(bytes).map_err(|_| End::Refused)?;
            let progress = Progress::Rows { dataset: &dataset.name, sent: rows.rows_up_to(chunk) };
            if observer(progress).is_break() {
                return Err(End::Failed(LoadError::Stopped { dataset: dataset.name.clone() }));
            }
            Ok(())
        });
    match sent {
        // Without its end, the server drops the rows.
        Err(End::Failed(error)) => Err(error),
        Ok(()) | Err(End::Refused) => writer.finish().map(drop).map_err(refused),
    }
}

/// Copies the rows of a dataset into its table that are dealt to it. Returns how many there are.
pub(super) fn copy_dealt(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    feed: &Feed,
    is_frozen: bool,
    explain: impl FnOnce(postgres::Error) -> Refusal,
) -> Result<u64, LoadError> {
    let rows = CopiedRows::new(dataset, 0..0, 0)?;
    let refused =
        |error| LoadError::Rows { dataset: dataset.name.clone(), refusal: explain(error) };
    let mut writer = match transaction.copy_in(&rows.statement(is_frozen)) {
        Ok(writer) => writer,
        Err(error) => return Err(refused(error)),
    };
    let mut count = 0;
    let mut send = |bytes: &[u8]| writer.write_all(bytes).map_err(|_| End::Refused);
    let mut send_all = || {
        if rows.is_binary() {
            send(BINARY_HEADER)?;
        }
        while let Dealt::Rows(portion) = feed.next(&dataset.name).map_err(End::Failed)? {
            send(&portion.bytes)?;
            count += portion.rows;
            feed.give_back(portion);
        }
        if rows.is_binary() { send(BINARY_TRAILER) } else { Ok(()) }
    };
    match send_all() {
        // Without its end, the server drops the rows.
        Err(End::Failed(error)) => Err(error),
        Ok(()) | Err(End::Refused) => writer.finish().map(|_| count).map_err(refused),
    }
}
