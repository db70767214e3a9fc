//! What the database is asked before records are made: their keys, and how it receives the values of their columns.

use std::any::TypeId;
use std::collections::{HashMap, VecDeque};

use tdata_core::sql::quote_literal;
use tdata_core::value::CopyBinary;

use super::insert;
use crate::factory::{Demand, KeyDemand, RowDemand};
use crate::record::Descriptor;
use crate::store::StoreError;

/// So many rows of a table make it worth asking for the types of its columns: they are copied in binary then, which the
/// database reads faster than text.
const WORTH_ASKING: u64 = 250;

/// What the database was asked.
#[derive(Debug)]
pub(super) struct Asked {
    keys: Vec<(TypeId, u64)>,
    columns: Vec<(TypeId, usize)>,
}

/// What the database answered.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The keys of each record.
    pub(super) keys: HashMap<TypeId, VecDeque<i64>>,
    /// What writes rows in binary, for the records that it can be done for.
    pub(super) binary: HashMap<TypeId, CopyBinary>,
}

impl Asked {
    /// Returns the query that asks for all that is needed, if anything is.
    pub(super) fn of(demand: &Demand) -> Result<Option<(Self, String)>, StoreError> {
        let keys = demand.keys();
        let many: Vec<&RowDemand> =
            demand.rows().iter().filter(|rows| rows.count >= WORTH_ASKING).collect();
        if keys.is_empty() && many.is_empty() {
            return Ok(None);
        }
        let asked = Self {
            keys: keys.iter().map(|key| (key.record, key.count)).collect(),
            columns: many.iter().map(|rows| (rows.record, rows.descriptor.columns.len())).collect(),
        };
        let keys = keys.iter().map(keys_query);
        let queries = keys.chain(many.iter().map(|rows| columns_query(rows.descriptor)));
        let queries = queries.collect::<Result<Vec<String>, StoreError>>()?;
        Ok(Some((asked, format!("SELECT {}", queries.join(", ")))))
    }

    /// Reads the answer; `None` where it is another than was asked for.
    pub(super) fn read(&self, row: &[Option<String>]) -> Option<Told> {
        let mut told = Told::default();
        let (keys, columns) = row.split_at(self.keys.len().min(row.len()));
        for ((record, count), given) in self.keys.iter().zip(keys) {
            if let Some(given) = given {
                told.keys.insert(*record, read_keys(given, *count)?);
            }
        }
        for ((record, count), functions) in self.columns.iter().zip(columns) {
            let functions = functions.as_deref().unwrap_or_default();
            if let Some(binary) = CopyBinary::sent_by(functions.split(','))
                && binary.columns() == *count
            {
                told.binary.insert(*record, binary);
            }
        }
        Some(told)
    }
}

/// Returns the query for keys: the first and `..` where they count up by one, else all. Null where no sequence belongs to
/// the column.
fn keys_query(demand: &KeyDemand) -> Result<String, StoreError> {
    let table = quote_literal(&insert::table(demand.descriptor)?.to_string());
    let (column, count) = (quote_literal(demand.column), demand.count);
    // `OFFSET 0` lets the sequence be looked up once. Between keys of one that only counts up, others may take some: then
    // the last is further from the first than their number.
    Ok(format!(
        "(SELECT CASE WHEN keys[{count}] - CASE WHEN counts_up THEN {count} - 1 END = keys[1] \
         THEN keys[1] || '..' ELSE nullif(array_to_string(keys, ','), '') END \
         FROM (SELECT ARRAY(SELECT nextval(name) FROM generate_series(1, {count})) AS keys, \
         seqincrement = 1 AND NOT seqcycle AS counts_up FROM (\
         SELECT pg_get_serial_sequence({table}, {column})::regclass AS name OFFSET 0\
         ) AS sequence LEFT JOIN pg_catalog.pg_sequence ON seqrelid = name OFFSET 0) AS keys)"
    ))
}

/// Reads keys.
fn read_keys(given: &str, count: u64) -> Option<VecDeque<i64>> {
    if let Some(first) = given.strip_suffix("..") {
        let first: i64 = first.parse().ok()?;
        return Some((first..first.checked_add_unsigned(count)?).collect());
    }
    let keys: VecDeque<i64> =
        given.split(',').map(|key| key.parse().ok()).collect::<Option<_>>()?;
    (keys.len() as u64 == count).then_some(keys)
}

/// Returns the query for the functions that send the values of a record's columns, in order: those of PostgreSQL itself,
/// whatever they are called where an extension has them. A type receives what it sends, and a domain sends as its base
/// type does.
fn columns_query(descriptor: &Descriptor) -> Result<String, StoreError> {
    let table = quote_literal(&insert::table(descriptor)?.to_string());
    let names: Vec<String> =
        descriptor.columns.iter().map(|column| quote_literal(column.name)).collect();
    Ok(format!(
        "(SELECT string_agg(CASE lanname WHEN 'internal' THEN prosrc ELSE '' END, ',' ORDER BY place) \
         FROM unnest(ARRAY[{}]::text[]) WITH ORDINALITY AS columns (name, place) \
         JOIN pg_catalog.pg_attribute ON attname = name AND attrelid = to_regclass({table}) AND attnum > 0 \
         JOIN pg_catalog.pg_type ON pg_type.oid = atttypid \
         JOIN pg_catalog.pg_proc ON pg_proc.oid = typsend \
         JOIN pg_catalog.pg_language ON pg_language.oid = prolang)",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_all_or_the_first_of_a_row() {
        assert_eq!(read_keys("7..", 3), Some(VecDeque::from([7, 8, 9])));
        assert_eq!(read_keys("-1..", 2), Some(VecDeque::from([-1, 0])));
        assert_eq!(read_keys("10,12", 2), Some(VecDeque::from([10, 12])));
        assert_eq!(read_keys("10,12", 3), None);
        assert_eq!(read_keys("..", 1), None);
        assert_eq!(read_keys(&format!("{}..", i64::MAX), 3), None);
    }
}
