//! Where the values of a factory's fields come from.

use proc_macro2::Ident;
use syn::{Expr, Type};
use tdata_core::sql::SqlKind;

use super::field_options::WrittenSource;
use super::generators::{Generators, sql_type};
use super::lazy::Lazy;
use super::method_names::Methods;
use super::tokens::{shown, text};
use crate::mistakes::{Mistakes, with_help};
use crate::record_item::{RecordField, RecordItem, RecordSource, parent_name, stem};

/// Where the value of a field comes from when a test says nothing.
pub(super) enum FieldSource {
    /// The field's generator: the definition's, or the one that the factory names.
    Generator,
    /// Its generator, but the database's next number where the record is stored.
    Key,
    /// An expression.
    Default(Expr),
    /// A closure of the record's number.
    Sequence(Expr),
    /// A closure of the record's other fields.
    Lazy(Lazy),
    /// The record that this one belongs to.
    Association(Association),
    /// The records that belong to this one.
    HasMany(HasMany),
    /// `None`.
    Nothing,
    /// The default of its type.
    OfType,
    /// What was written is wrong, and told.
    Faulty,
}

/// The record that another belongs to.
pub(super) struct Association {
    /// Its factory.
    pub(super) factory: Type,
    /// Takes the record itself.
    pub(super) record: Ident,
    /// Says more about it.
    pub(super) with: Ident,
    /// Gives each record one of its own.
    pub(super) each: Ident,
}

impl Association {
    /// Names the methods of a foreign key.
    fn of(factory: Type, key: &Ident, methods: &mut Methods) -> Self {
        let span = key.span();
        let key = text(key);
        let base = stem(&key).unwrap_or(&key);
        let ident = |name: &str, word: &str| Ident::new(&format!("{name}_{word}"), span);
        let parent = parent_name(&key, span);
        Self {
            factory,
            record: methods.add([parent, ident(base, "record")], ident(&key, "record")),
            with: methods.add([ident(base, "with")], ident(&key, "with")),
            each: methods.add([ident(base, "each")], ident(&key, "each")),
        }
    }
}

/// The records that belong to another.
pub(super) struct HasMany {
    /// Their factory.
    pub(super) factory: Type,
    /// Their foreign key.
    pub(super) by: Ident,
    /// Adds some.
    pub(super) add: Ident,
    /// Adds some, and says more about them.
    pub(super) add_with: Ident,
}

/// What is needed to tell where a field's value comes from.
pub(super) struct Context<'a, 'g> {
    /// The record.
    pub(super) record: &'a RecordItem,
    /// Whether the record itself was read without a mistake.
    pub(super) complete: bool,
    /// The definition of the fields that the factory names generators for.
    pub(super) generators: &'a mut Generators<'g>,
    /// The names that the builder's methods have.
    pub(super) methods: Methods,
    /// What is wrong.
    pub(super) mistakes: &'a mut Mistakes,
}

const WAYS: &str = "add `#[factory(default = ..)]`, or `generator = \"..\"`, `sequence = |n| ..`, \
                    `lazy = |u| ..`, `association = ..`; or make it an `Option`";

impl FieldSource {
    /// Finds where the value of a field comes from; all that is wrong goes to the mistakes.
    pub(super) fn of(
        field: &RecordField,
        written: Option<(Ident, WrittenSource)>,
        context: &mut Context<'_, '_>,
    ) -> Self {
        let Some((word, written)) = written else { return Self::unwritten(field, context) };
        if field.column.is_none()
            && matches!(written, WrittenSource::Generator(_) | WrittenSource::Association(_))
        {
            let message =
                format!("`{}` is skipped: it has no column that `{word}` could fill", field.ident);
            let help = "use `default`, `sequence` or `lazy`, or drop `#[record(skip)]`";
            context.mistakes.at(&word, with_help(&message, help));
            return Self::Faulty;
        }
        match written {
            WrittenSource::Faulty => Self::Faulty,
            WrittenSource::Default(value) => Self::Default(value),
            WrittenSource::Sequence(closure) => Self::Sequence(closure),
            WrittenSource::Lazy(closure) => {
                Lazy::read(closure, context.mistakes).map_or(Self::Faulty, Self::Lazy)
            }
            WrittenSource::Generator(text) => {
                let counts = text.value().split(',').next().map(str::trim) == Some("sequence");
                match context.generators.add(field, &text, context.mistakes) {
                    false => Self::Faulty,
                    true if counts && is_counted_key(field, context.record) => Self::Key,
                    true => Self::Generator,
                }
            }
            WrittenSource::Association(factory) => {
                let dataset = context.record.source.dataset();
                let larger = field.column_name().and_then(|name| dataset?.larger_key(name));
                let by_itself =
                    field.column_name().and_then(|name| dataset?.spec().relationship(name));
                if let Some(larger) =
                    larger.filter(|_| by_itself.is_none_or(|one| one.single().is_none()))
                {
                    let message = format!(
                        "`{}` is part of the key {}, whose fields come from one row together",
                        field.ident,
                        larger.key_text()
                    );
                    let help = "drop the `association`, and give the fields of the key together";
                    context.mistakes.at(&word, with_help(&message, help));
                    return Self::Faulty;
                }
                Self::Association(Association::of(factory, &field.ident, &mut context.methods))
            }
            WrittenSource::HasMany(factory, by) => {
                Self::has_many(field, &word, factory, by, context)
            }
        }
    }

    fn has_many(
        field: &RecordField,
        word: &Ident,
        factory: Type,
        by: Ident,
        context: &mut Context<'_, '_>,
    ) -> Self {
        let name = text(&field.ident);
        if field.column.is_some() {
            let message = format!("the records in `{name}` are no column of this one");
            context.mistakes.at(word, with_help(&message, "add `#[record(skip)]` to the field"));
            return Self::Faulty;
        }
        if context.complete && context.record.key().is_none() {
            let message =
                format!("nothing can belong to `{}`: it has no primary key", context.record.ident);
            context.mistakes.at(word, with_help(&message, "mark a field with `#[record(key)]`"));
            return Self::Faulty;
        }
        let ident = |name: String| Ident::new(&name, field.ident.span());
        let (add, add_with) = (ident(format!("with_{name}")), ident(format!("with_{name}_of")));
        Self::HasMany(HasMany { factory, by, add, add_with })
    }

    fn unwritten(field: &RecordField, context: &mut Context<'_, '_>) -> Self {
        let Some(column) = &field.column else { return Self::OfType };
        let defined = context.record.source.dataset().map(|dataset| dataset.spec());
        let references =
            defined.is_some_and(|defined| defined.relationship(&column.name).is_some());
        if references && field.within_option().is_some() {
            // What its generator makes references rows that a test need not have.
            return Self::Nothing;
        }
        if let Some(defined) = defined.and_then(|defined| defined.field(&column.name)) {
            let generator = defined.generator.as_ref().map(|generator| generator.value.as_str());
            let counts = generator == Some("sequence") && is_counted_key(field, context.record);
            return if counts { Self::Key } else { Self::Generator };
        }
        if field.within_option().is_some() {
            return Self::Nothing;
        }
        if defined.is_some() || !context.complete {
            // `derive(Record)` tells of it.
            return Self::Faulty;
        }
        if is_key(field, context.record) && is_whole(&field.ty) {
            context.generators.count(field);
            let stored = !matches!(context.record.source, RecordSource::Memory);
            return if stored { Self::Key } else { Self::Generator };
        }
        let message =
            format!("`{}` has no default: no definition says how it is made", field.ident);
        context.mistakes.at(&field.ident, with_help(&message, WAYS));
        Self::Faulty
    }

    /// Says where the value comes from, for the documentation.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Generator => "made by its generator".to_owned(),
            Self::Key => "the database's next number, or made by its generator".to_owned(),
            Self::Default(value) => format!("`{}`", shown(value)),
            Self::Sequence(_) => "made of the record's number".to_owned(),
            Self::Lazy(_) => "made of other fields".to_owned(),
            Self::Association(_) => "that of a record made for it".to_owned(),
            Self::HasMany(_) => "none".to_owned(),
            Self::Nothing => "`None`".to_owned(),
            Self::OfType | Self::Faulty => "the default of its type".to_owned(),
        }
    }
}

fn is_key(field: &RecordField, record: &RecordItem) -> bool {
    record.key().is_some_and(|key| key.ident == field.ident)
}

/// Tells whether a database counts the field's values: whether it is a primary key of whole numbers.
fn is_counted_key(field: &RecordField, record: &RecordItem) -> bool {
    let whole = match &record.source {
        RecordSource::Memory => return false,
        RecordSource::Table(_) => is_whole(&field.ty),
        // The Rust type may be of the user's own.
        RecordSource::Dataset(dataset) => {
            let column = field.column.as_ref();
            let defined = column.and_then(|column| dataset.spec().field(&column.name));
            let sql_type = defined.and_then(|defined| dataset.sql_type(defined));
            sql_type.is_some_and(|sql_type| {
                matches!(sql_type.kind(), SqlKind::SmallInt | SqlKind::Integer | SqlKind::BigInt)
            })
        }
    };
    whole && is_key(field, record)
}

fn is_whole(ty: &Type) -> bool {
    matches!(sql_type(ty), "smallint" | "integer" | "bigint")
}
