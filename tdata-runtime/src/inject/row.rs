//! One row, field by field.

use std::sync::Arc;

use postgres::Row as PostgresRow;
use postgres::types::{FromSql, Kind, Type, WasNull, WrongType};
use tdata_core::diagnostic::nearest;

use super::error::ReadError;
use crate::error::Error;

/// One row of a dataset, as it is in the database.
///
/// `Debug` shows the names of the fields and no value.
#[derive(Clone)]
pub struct Row {
    dataset: Arc<str>,
    index: usize,
    row: Arc<PostgresRow>,
}

impl Row {
    pub(super) fn new(dataset: Arc<str>, index: usize, row: PostgresRow) -> Self {
        Self { dataset, index, row: Arc::new(row) }
    }

    /// Returns a field's value.
    ///
    /// Every type that implements [`postgres::types::FromSql`] can be asked for: `i32` for
    /// `integer`, `i64` for `bigint`, `String` or `&str` for text, `bool`, `Option<T>` where nulls
    /// can be, and those of other crates whose features are on.
    ///
    /// # Panics
    ///
    /// When the field does not exist, is of another type, or is null and `T` is no `Option`; the
    /// message names the field, its SQL type and the Rust type. [`Row::try_get`] returns it
    /// instead.
    #[track_caller]
    pub fn get<'a, T: FromSql<'a>>(&'a self, field: &str) -> T {
        match self.try_get(field) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a field's value.
    ///
    /// # Errors
    ///
    /// When the field does not exist, is of another type, or is null and `T` is no `Option`.
    pub fn try_get<'a, T: FromSql<'a>>(&'a self, field: &str) -> Result<T, Error> {
        let Some(at) = self.row.columns().iter().position(|column| column.name() == field) else {
            return Err(self.unknown(field).into());
        };
        let sql_type = self.row.columns()[at].type_();
        let rust_type = short_name(std::any::type_name::<T>());
        self.row.try_get(at).map_err(|error| {
            let cause = std::error::Error::source(&error);
            let (dataset, field) = (self.dataset.to_string(), field.to_owned());
            let row = self.index;
            let error = if cause.is_some_and(|cause| cause.is::<WasNull>()) {
                ReadError::Null { dataset, field, row, rust_type }
            } else if !cause.is_some_and(|cause| cause.is::<WrongType>()) {
                ReadError::WrongValue { dataset, field, row, rust_type }
            } else {
                let help = help(sql_type);
                ReadError::WrongType { dataset, field, sql_type: name(sql_type), rust_type, help }
            };
            error.into()
        })
    }

    /// Returns the row's index in its dataset, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the names of the fields, in the order of the table's columns.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.row.columns().iter().map(|column| column.name())
    }

    fn unknown(&self, field: &str) -> ReadError {
        let fields: Vec<&str> = self.fields().collect();
        let help = nearest(field, fields.iter().copied())
            .map_or(String::new(), |name| format!("\nDid you mean `{name}`?"));
        ReadError::UnknownField {
            dataset: self.dataset.to_string(),
            field: field.to_owned(),
            fields: fields.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            help,
        }
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields: Vec<&str> = self.fields().collect();
        f.debug_struct("Row")
            .field("dataset", &self.dataset)
            .field("index", &self.index)
            .field("fields", &fields)
            .finish_non_exhaustive()
    }
}

/// PostgreSQL's usual name of a type.
fn name(sql_type: &Type) -> String {
    match sql_type.name() {
        "int2" => "smallint".to_owned(),
        "int4" => "integer".to_owned(),
        "int8" => "bigint".to_owned(),
        "float4" => "real".to_owned(),
        "float8" => "double precision".to_owned(),
        "bool" => "boolean".to_owned(),
        "bpchar" => "char".to_owned(),
        other => other.to_owned(),
    }
}

/// Types that fit a column, as advice.
fn help(sql_type: &Type) -> String {
    let fits = match sql_type.name() {
        "int2" => "i16",
        "int4" => "i32",
        "int8" => "i64",
        "float4" => "f32",
        "float8" => "f64",
        "bool" => "bool",
        "text" | "varchar" | "bpchar" | "citext" | "name" => "String",
        "bytea" => "Vec<u8>",
        "inet" => "std::net::IpAddr",
        "timestamp" => "SystemTime, or chrono's or jiff's types with a feature of postgres",
        "timestamptz" => "SystemTime, or chrono's or jiff's types with a feature of postgres",
        "date" => "chrono's or jiff's dates with a feature of postgres",
        "uuid" => "uuid::Uuid with the feature `with-uuid-1` of postgres",
        "json" | "jsonb" => "serde_json::Value with the feature `with-serde_json-1` of postgres",
        "numeric" => "rust_decimal::Decimal with its feature `db-postgres`; or cast it in SQL",
        _ if matches!(sql_type.kind(), Kind::Enum(_)) => "a type that derives postgres's FromSql",
        _ => return String::new(),
    };
    format!("; ask for {fits}")
}

/// A type's name without the paths of its modules.
fn short_name(name: &'static str) -> &'static str {
    if name.contains('<') { name } else { name.rsplit("::").next().unwrap_or(name) }
}
