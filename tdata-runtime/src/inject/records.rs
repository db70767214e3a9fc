//! Rows read as records.

use postgres::types::{FromSql, Kind, Type};
use postgres::{Client, Column as TableColumn, Row};
use tdata_core::definition::{Instant, MICROS_PER_DAY};
use tdata_core::diagnostic::nearest;
use tdata_core::sql::{Scalar, SqlType, TableName, quote_identifier};
use tdata_core::value::Value;
use tdata_factory::record::{Column, Descriptor, Values};
use tdata_factory::{Dataset, Record};

use super::all_rows;
use super::data::TestData;
use super::error::ReadError;
use crate::error::Error;

/// The days from 1970-01-01, where values count from, to 2000-01-01, where PostgreSQL does.
const EPOCH: i32 = 10_957;

impl TestData {
    /// Returns the rows of a record's dataset, or of its table, as they are in the database now.
    ///
    /// # Panics
    ///
    /// When the contract does not provision the dataset, the record does not fit the table, or the
    /// database refuses. [`TestData::try_records`] returns the error instead.
    #[track_caller]
    pub fn records<T: Record>(&self) -> Dataset<T> {
        match self.try_records() {
            Ok(records) => records,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the rows of a record's dataset, or of its table, as they are in the database now.
    ///
    /// # Errors
    ///
    /// When the contract does not provision the dataset, the record does not fit the table, or the
    /// database refuses.
    pub fn try_records<T: Record>(&self) -> Result<Dataset<T>, Error> {
        let descriptor = T::DESCRIPTOR;
        let (name, table, rows, order) = match descriptor.dataset() {
            Some(dataset) => {
                let outline = self.outline().dataset(dataset);
                let outline = outline.ok_or_else(|| self.unknown(dataset))?;
                let (table, rows) = (outline.table.clone(), outline.own_rows.clone());
                (dataset, table, rows, outline.order.clone())
            }
            None => {
                let table = descriptor.table();
                let parsed = table.and_then(TableName::parse);
                let (name, table) =
                    table.zip(parsed).ok_or(ReadError::NoDataset { record: descriptor.record })?;
                let rows = table.to_string();
                (name, table, rows, "ctid".to_owned())
            }
        };
        let mut rows = self.look(|client, in_transaction| {
            read(client, descriptor, (&table, &rows, &order), in_transaction)
        })?;
        let mut records = Vec::with_capacity(rows.len());
        for (row, values) in rows.iter_mut().enumerate() {
            let no_record = |error| ReadError::NoRecord { dataset: name.to_owned(), row, error };
            records.push(T::from_values(&mut Values::new(descriptor, values)).map_err(no_record)?);
        }
        Ok(Dataset::new(name, records))
    }
}

/// Reads the columns of a record, once they are known to fit.
fn read(
    client: &mut Client,
    descriptor: &Descriptor,
    (table, rows, order): (&TableName, &str, &str),
    in_transaction: bool,
) -> Result<Vec<Vec<Value>>, ReadError> {
    let refused = |error: postgres::Error| ReadError::Refused(error.into());
    let all = client.prepare(&format!("SELECT * FROM {table}")).map_err(refused)?;
    let (mut columns, mut mistakes) = (Vec::new(), Vec::new());
    for column in descriptor.columns {
        match all.columns().iter().find(|known| known.name() == column.name) {
            Some(known) => {
                mistakes.extend(misfit(column, known));
                columns.push(selected(known));
            }
            None => mistakes.push(missing(column, all.columns())),
        }
    }
    if !mistakes.is_empty() {
        let table = table.to_string();
        return Err(ReadError::WrongRecord { record: descriptor.record, table, mistakes });
    }
    let sql = format!("SELECT {} FROM {rows} ORDER BY {order}", columns.join(", "));
    let rows =
        all_rows::query(client, &sql, &table.to_string(), in_transaction).map_err(refused)?;
    rows.iter().map(|row| (0..row.len()).map(|at| cell(row, at)).collect()).collect()
}

fn cell(row: &Row, at: usize) -> Result<Value, ReadError> {
    let cell: Option<Cell> = row.try_get(at).map_err(|error| ReadError::Refused(error.into()))?;
    Ok(cell.map_or(Value::Null, |cell| cell.0))
}

/// Tells what is wrong with the Rust type of a column, if anything.
fn misfit(column: &Column, known: &TableColumn) -> Option<String> {
    let sql_type = sql_type(known);
    let fits = column.holds.contains(sql_type.kind());
    (!fits).then(|| {
        format!("`{}` is {sql_type}, which cannot be read as `{}`", column.name, column.rust_type)
    })
}

fn missing(column: &Column, known: &[TableColumn]) -> String {
    let names = || known.iter().map(TableColumn::name);
    let meant = nearest(column.name, names()).map_or_else(
        || format!("it has {}", names().collect::<Vec<_>>().join(", ")),
        |name| format!("did you mean `{name}`?"),
    );
    format!("it has no column `{}`: {meant}", column.name)
}

/// The type of a table's column, with the precision that a `numeric` has.
fn sql_type(column: &TableColumn) -> SqlType {
    if let Kind::Array(element) = column.type_().kind() {
        // What a column's own dimensions are PostgreSQL does not say, and does not hold them to.
        let element = element.name();
        let parsed = format!("{element}[]").parse();
        return parsed.unwrap_or_else(|_| SqlType::named(format!("{element}[]")));
    }
    let name = column.type_().name();
    let parsed = name.parse().unwrap_or_else(|_| SqlType::named(name));
    match (parsed, column.type_modifier()) {
        // As PostgreSQL packs it: the precision in 16 bits, the scale in 11 with its sign, and 4 added.
        (SqlType::Scalar(Scalar::Numeric(None)), modifier @ 4..) => {
            let packed = (modifier - 4) as u32;
            let scale = (((packed & 0x7ff) ^ 0x400) as i16) - 0x400;
            SqlType::Scalar(Scalar::Numeric(Some(((packed >> 16) as u16, scale))))
        }
        (parsed, _) => parsed,
    }
}

/// Selects a column: in text form where its binary one is not read here.
fn selected(column: &TableColumn) -> String {
    let name = quote_identifier(column.name());
    if Cell::accepts(column.type_()) { name } else { format!("{name}::text") }
}

/// A value in the binary form that PostgreSQL sends.
struct Cell(Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(
        sql_type: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *sql_type {
            Type::BOOL => Value::Bool(bool::from_sql(sql_type, raw)?),
            Type::INT2 => Value::Int(i16::from_sql(sql_type, raw)?.into()),
            Type::INT4 => Value::Int(i32::from_sql(sql_type, raw)?.into()),
            Type::INT8 => Value::Int(i64::from_sql(sql_type, raw)?),
            // By way of the text: 0.1 of 32 bits is no 0.10000000149.
            Type::FLOAT4 => Value::Float(f32::from_sql(sql_type, raw)?.to_string().parse()?),
            Type::FLOAT8 => Value::Float(f64::from_sql(sql_type, raw)?),
            Type::DATE => match i32::from_be_bytes(raw.try_into()?) {
                i32::MIN => Value::Text("-infinity".to_owned()),
                i32::MAX => Value::Text("infinity".to_owned()),
                days => Value::Date(days.saturating_add(EPOCH)),
            },
            Type::TIMESTAMP | Type::TIMESTAMPTZ => match i64::from_be_bytes(raw.try_into()?) {
                i64::MIN => Value::Text("-infinity".to_owned()),
                i64::MAX => Value::Text("infinity".to_owned()),
                micros => {
                    let epoch = i64::from(EPOCH) * MICROS_PER_DAY;
                    Value::Timestamp(Instant::from_micros(micros.saturating_add(epoch)))
                }
            },
            Type::UUID => Value::Uuid(u128::from_be_bytes(raw.try_into()?)),
            _ => Value::Text(String::from_sql(sql_type, raw)?),
        }))
    }

    fn accepts(sql_type: &Type) -> bool {
        const READ: &[Type] = &[
            Type::BOOL,
            Type::INT2,
            Type::INT4,
            Type::INT8,
            Type::FLOAT4,
            Type::FLOAT8,
            Type::TEXT,
            Type::VARCHAR,
            Type::BPCHAR,
            Type::NAME,
            Type::DATE,
            Type::TIMESTAMP,
            Type::TIMESTAMPTZ,
            Type::UUID,
        ];
        READ.contains(sql_type)
    }
}
