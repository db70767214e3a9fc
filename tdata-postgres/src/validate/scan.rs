//! Judges the rows of a table: first whether any is wrong, and only then which.

use tdata_core::plan::DatasetPlan;
use tdata_core::sql::quote_identifier;

use super::checks::{Check, Wrong};
use super::condition::{Question, questions};
use super::error::{Finding, Violation};
use super::reader::Reader;

/// How many row indices a violation holds.
const TOLD: usize = 100;

/// How many checks one scan makes, of the 1,664 values that PostgreSQL selects at once.
const AT_ONCE: usize = 800;

/// The column that the rows are numbered in, beside their own. No field can have a name with blanks.
const ROW: &str = "\"row index of tdata\"";

/// Where a row is, beside its own columns.
const TABLE: &str = "\"table of tdata\"";
const PLACE: &str = "\"place of tdata\"";

/// The queries that ask whether a dataset has any wrong row, each with the checks that it makes, in order. Each selects the number
/// of rows, if it counts them, and a number for each check that is 0 where it holds.
pub(super) fn first_pass<'a>(
    dataset: &DatasetPlan,
    checks: &'a [Check],
) -> Vec<(String, Vec<&'a Check>, bool)> {
    let plain: Vec<&Check> =
        checks.iter().filter(|check| matches!(check.wrong, Wrong::Plain(_))).collect();
    let mut scans: Vec<&[&Check]> = plain.chunks(AT_ONCE).collect();
    // Without a check, too, the rows are counted.
    scans.extend(plain.is_empty().then_some(&plain[..]));
    let from = from(dataset);
    let scans = scans.into_iter().enumerate().map(|(at, checks)| {
        let mut selected: Vec<String> =
            (at == 0).then(|| "count(*)".to_owned()).into_iter().collect();
        let counted = |check: &&Check| format!("count(*) FILTER (WHERE {})", check.condition());
        selected.extend(checks.iter().map(counted));
        (format!("SELECT {} FROM {from}", selected.join(", ")), checks.to_vec(), at == 0)
    });
    let mut queries: Vec<_> = scans.collect();
    for check in checks {
        let sql = match &check.wrong {
            Wrong::Plain(_) => continue,
            Wrong::Leads(wrong) => format!("SELECT count(*) FROM {from} WHERE {wrong}"),
            Wrong::Asking(condition) => {
                let suspects = questions(condition);
                let suspects = suspects.iter().map(|question| suspects_counted(&from, question));
                format!("SELECT {}", suspects.collect::<Vec<_>>().join(" + "))
            }
        };
        queries.push((sql, vec![check], false));
    }
    queries
}

/// Names a table's own rows by the table's name, as conditions do.
fn from(dataset: &DatasetPlan) -> String {
    format!("{} AS {}", dataset.own_rows(), quote_identifier(&dataset.table.name))
}

fn all_of(conditions: &[String]) -> String {
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") }
}

/// Counts the rows that a question finds.
fn suspects_counted(from: &str, question: &Question) -> String {
    match question {
        Question::None { rows } => format!("(SELECT count(*) FROM {from} WHERE {})", all_of(rows)),
        Question::All { rows, one_of } if one_of.len() == 1 => {
            let rows = all_of(rows);
            format!(
                "(SELECT count(*) FROM {from} WHERE {rows}) - (SELECT count(*) FROM {from} WHERE {rows} AND {})",
                one_of[0]
            )
        }
        Question::All { .. } => {
            format!("(SELECT count(*) FROM ({}) AS found)", suspects(from, question))
        }
    }
}

/// Selects where the rows are that a question finds.
fn suspects(from: &str, question: &Question) -> String {
    let (Question::None { rows } | Question::All { rows, .. }) = question;
    let rows = all_of(rows);
    let select = |also: &str| {
        format!("SELECT tableoid AS {TABLE}, ctid AS {PLACE} FROM {from} WHERE {rows}{also}")
    };
    let mut sql = select("");
    if let Question::All { one_of, .. } = question {
        for condition in one_of {
            sql.push_str(&format!(" EXCEPT ALL ({})", select(&format!(" AND {condition}"))));
        }
    }
    sql
}

/// Judges a dataset's rows by its checks, and adds what is wrong.
///
/// # Errors
///
/// What the database refuses.
pub(super) fn judge(
    reader: &mut Reader<'_>,
    dataset: &DatasetPlan,
    checks: &[Check],
    violations: &mut Vec<Violation>,
) -> Result<(), postgres::Error> {
    for (sql, checks, counts) in first_pass(dataset, checks) {
        let row = match reader.ask(&sql) {
            Ok(row) => row,
            // In parts, a condition may be computed where it never was as a whole.
            Err(error) => match &checks[..] {
                [check] if matches!(check.wrong, Wrong::Asking(_)) => {
                    violations.extend(judged_as_a_whole(reader, dataset, check)?);
                    continue;
                }
                _ => return Err(error),
            },
        };
        let found = |at: usize| unsigned(row.get(at));
        if counts && found(0) != dataset.rows {
            violations.push(Violation {
                of_table: false,
                dataset: dataset.name.clone(),
                place: None,
                constraint: String::new(),
                description: None,
                finding: Finding::Count { planned: dataset.rows, found: found(0) },
            });
        }
        for (at, check) in checks.iter().enumerate() {
            let suspected = found(at + usize::from(counts));
            if suspected > 0 {
                let found = wrong_rows(reader, dataset, check, true, suspected);
                violations.extend(match found {
                    Err(_) => wrong_rows(reader, dataset, check, false, suspected)?,
                    Ok(found) => found,
                });
            }
        }
    }
    Ok(())
}

/// Judges by a condition with subqueries as a whole, asked for each row.
fn judged_as_a_whole(
    reader: &mut Reader<'_>,
    dataset: &DatasetPlan,
    check: &Check,
) -> Result<Option<Violation>, postgres::Error> {
    wrong_rows(reader, dataset, check, false, 0).or_else(|error| {
        // A subquery that asks nothing of the row is computed once, also where there are no rows that would ask it. Counted, it is
        // only computed for a row.
        let condition = check.condition();
        let sql = format!("SELECT count(*) FILTER (WHERE {condition}) FROM {}", from(dataset));
        match reader.ask(&sql) {
            Ok(row) if unsigned(row.get(0)) == 0 => Ok(None),
            _ => Err(error),
        }
    })
}

/// Tells which rows are wrong: how many, and the indices of the first ones. Of a condition with subqueries only those are looked
/// at that are suspected.
fn wrong_rows(
    reader: &mut Reader<'_>,
    dataset: &DatasetPlan,
    check: &Check,
    in_parts: bool,
    suspected: u64,
) -> Result<Option<Violation>, postgres::Error> {
    let row = reader.ask_in_order(&wrong_rows_numbered(dataset, check, in_parts))?;
    let first: Vec<i64> = row.get(1);
    let first: Vec<u64> = first.into_iter().map(unsigned).collect();
    let mut count = unsigned(row.get(0));
    // A condition that answers differently each time may have found none here.
    if matches!(check.wrong, Wrong::Plain(_)) && check.from == 0 {
        count = count.max(suspected);
    }
    Ok((count > 0).then(|| check.violation(dataset, Finding::Rows { count, first })))
}

/// Numbers the rows in the order they were loaded, and selects how many are wrong and the indices of the first ones.
fn wrong_rows_numbered(dataset: &DatasetPlan, check: &Check, in_parts: bool) -> String {
    const SUSPECTS: &str = "\"suspects of tdata\"";
    const WRONG: &str = "\"wrong rows of tdata\"";
    let name = quote_identifier(&dataset.table.name);
    // Rows that were there before have older transactions, wherever in the table they are.
    let order = match dataset.existing.rows {
        0 => "",
        _ => "ORDER BY age(xmin) DESC, tableoid, ctid",
    };
    let mut numbered = format!(
        "SELECT *, tableoid AS {TABLE}, ctid AS {PLACE}, row_number() OVER ({order}) - 1 AS {ROW} FROM {}",
        dataset.own_rows()
    );
    let mut with = String::new();
    if let (Wrong::Asking(condition), true) = (&check.wrong, in_parts) {
        let from = from(dataset);
        let each = questions(condition);
        let each = each.iter().map(|question| format!("({})", suspects(&from, question)));
        let each: Vec<String> = each.collect();
        with = format!("{SUSPECTS} AS MATERIALIZED ({}), ", each.join(" UNION "));
        // Beyond this point subqueries are asked for each row that is left.
        numbered = format!("SELECT * FROM ({numbered}) AS n NATURAL JOIN {SUSPECTS} OFFSET 0");
    }
    format!(
        "WITH {with}{WRONG} AS MATERIALIZED (SELECT {ROW} FROM ({numbered}) AS {name} \
         WHERE {} AND {ROW} >= {}) \
         SELECT count(*), ARRAY(SELECT {ROW} FROM {WRONG} ORDER BY {ROW} LIMIT {TOLD}) FROM {WRONG}",
        check.condition(),
        check.from
    )
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Asks for each condition alone which of them PostgreSQL cannot read, or cannot compute.
pub(super) fn unreadable(
    reader: &mut Reader<'_>,
    dataset: &DatasetPlan,
    checks: &[&Check],
) -> Vec<Violation> {
    let mut unreadable = Vec::new();
    for check in checks {
        let condition = check.condition();
        let sql = format!("SELECT count(*) FILTER (WHERE {condition}) FROM {}", from(dataset));
        if let Err(error) = reader.ask(&sql) {
            unreadable.push(check.violation(dataset, Finding::Unreadable(error.into())));
        }
    }
    unreadable
}
