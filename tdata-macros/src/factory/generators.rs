//! The generators that a factory names, as a definition of their fields.

use syn::{GenericArgument, LitStr, PathArguments, Type};
use tdata_core::contract::Contract;
use tdata_core::definition::{Instant, Library};
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, plan};
use tdata_core::spec::Field;

use crate::mistakes::{Mistakes, message_of, with_help};
use crate::record_item::{RecordDataset, RecordField, RecordSource};

/// The dataset of a record that has none.
const NO_DATASET: &str = "records";

/// Any time: only what is made depends on it, not whether it can be made.
const SOME_TIME: Instant = Instant::from_micros(1_714_521_600_000_000);

/// The definition of the fields that a factory names generators for.
pub(super) struct Generators<'a> {
    dataset: Option<&'a RecordDataset>,
    /// The fields, each a line of YAML.
    fields: Vec<String>,
}

impl<'a> Generators<'a> {
    /// Starts the definition for a record.
    pub(super) fn new(source: &'a RecordSource) -> Self {
        Self { dataset: source.dataset(), fields: Vec::new() }
    }

    /// Adds a field with its generator and parameters; `false` after telling what is wrong.
    pub(super) fn add(
        &mut self,
        field: &RecordField,
        generator: &LitStr,
        mistakes: &mut Mistakes,
    ) -> bool {
        let text = generator.value();
        if text.split(',').next().map(str::trim) == Some("reference") {
            let message = "a factory's generator makes no reference";
            let help = "name the other record's factory: `association = AccountFactory`";
            mistakes.at(generator, with_help(message, help));
            return false;
        }
        let line = self.line(field, &text);
        match self.check(field, &line) {
            Ok(()) => {
                self.fields.push(line);
                true
            }
            Err(messages) => {
                for message in messages {
                    mistakes.at(generator, message);
                }
                false
            }
        }
    }

    /// Adds a primary key that counts.
    pub(super) fn count(&mut self, field: &RecordField) {
        let line = self.line(field, "sequence");
        self.fields.push(line);
    }

    /// Returns the whole definition as YAML; empty when there are no fields.
    pub(super) fn definition(&self) -> String {
        if self.fields.is_empty() { String::new() } else { self.document(&self.fields.concat()) }
    }

    fn dataset(&self) -> String {
        self.dataset.map_or_else(|| NO_DATASET.to_owned(), |dataset| dataset.name.value())
    }

    fn document(&self, fields: &str) -> String {
        format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {} }}\n\
             spec:\n  table: records\n  fields:\n{fields}",
            quoted(&self.dataset())
        )
    }

    fn line(&self, field: &RecordField, generator: &str) -> String {
        let column = field.column_name().unwrap_or_default();
        let defined =
            self.dataset.and_then(|dataset| dataset.sql_type(dataset.spec().field(column)?));
        let sql_type = match defined {
            Some(sql_type) => sql_type.to_string(),
            None => sql_type(field.within_option().unwrap_or(&field.ty)).to_owned(),
        };
        let (column, sql_type) = (quoted(column), quoted(&sql_type));
        format!("    - {{ name: {column}, type: {sql_type}, generator: {generator} }}\n")
    }

    /// Plans one field; returns the messages of what is wrong.
    fn check(&self, field: &RecordField, line: &str) -> Result<(), Vec<String>> {
        let dataset = self.dataset();
        let mut library = Library::default();
        let source = Source::new("the generator", self.document(line));
        library.insert(source, &dataset, None);
        let contract = Contract { apply_masking: false, ..Contract::new([&*dataset], SOME_TIME) };
        let catalog = Catalog::of_named_types(&library);
        let planned = plan(&contract, &library, &MaskKey::development(), &catalog);
        let planned = planned.map_err(|mistakes| messages(&mistakes))?;
        let made = planned.dataset(&dataset).map_or(&[][..], |dataset| &dataset.spec.fields);
        if made.iter().any(Field::is_nullable) && field.within_option().is_none() {
            let message = format!("the generator makes nulls, and `{}` holds none", field.ident);
            return Err(vec![with_help(&message, "make the field an `Option`")]);
        }
        Ok(())
    }
}

/// Returns what is wrong with a generator. Where in YAML it stood says nothing to its author.
fn messages(mistakes: &Diagnostics) -> Vec<String> {
    let message = |one: &tdata_core::diagnostic::Diagnostic| match one.help_text() {
        _ if one.code() == "definition::yaml" => message_of(one),
        Some(help) => with_help(one.message(), help),
        None => one.message().to_owned(),
    };
    mistakes.iter().map(message).chain(mistakes.rest()).collect()
}

/// Returns a text as YAML takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns the SQL type whose values a Rust type is made for, as it is written.
pub(super) fn sql_type(ty: &Type) -> &'static str {
    let Type::Path(path) = ty else { return "text" };
    let Some(last) = path.path.segments.last() else { return "text" };
    let argument = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.first(),
        _ => None,
    };
    match last.ident.to_string().as_str() {
        "i16" => "smallint",
        "i32" => "integer",
        "i64" => "bigint",
        "f32" => "real",
        "f64" => "double precision",
        "bool" => "boolean",
        "Uuid" => "uuid",
        "IpAddr" => "inet",
        "NaiveDate" | "Date" => "date",
        "NaiveTime" | "Time" => "time",
        "NaiveDateTime" => "timestamp",
        // That of chrono has a zone as its argument; that of jiff has neither.
        "DateTime" if argument.is_none() => "timestamp",
        "DateTime" | "Timestamp" | "Zoned" | "Instant" | "SystemTime" => "timestamptz",
        "Decimal" => "numeric",
        "Vec" if argument.is_some_and(is_byte) => "bytea",
        _ => "text",
    }
}

fn is_byte(argument: &GenericArgument) -> bool {
    matches!(argument, GenericArgument::Type(Type::Path(path)) if path.path.is_ident("u8"))
}
