//! A factory, as it is read.

use std::sync::Arc;

use proc_macro2::{Ident, Span};
use syn::{DeriveInput, Expr, Type};
use tdata_core::diagnostic::Diagnostics;

use super::field_options::WrittenSource;
use super::fields::{FactoryField, FactoryTransient};
use super::generators::Generators;
use super::method_names::{Methods, setter};
use super::options::{Options, Transient};
use super::order::order;
use super::setters::setters;
use super::source::{Context, FieldSource};
use super::tokens::{local, text};
use super::traits::{Trait, drop_taken, traits};
use crate::definitions::Definitions;
use crate::mistakes::{Mistakes, with_help};
use crate::record_item::RecordItem;

/// A factory.
pub(super) struct FactoryItem {
    /// The record it makes.
    pub(super) record: RecordItem,
    /// What tests start from: `UserFactory`.
    pub(super) name: Ident,
    /// What is said about a record: `UserFactoryBuilder`.
    pub(super) builder: Ident,
    /// The parameters that are no columns, as hooks see them: `UserTransients`.
    pub(super) transients_type: Ident,
    /// These parameters.
    pub(super) transients: Vec<FactoryTransient>,
    /// The record's fields, in their order.
    pub(super) fields: Vec<FactoryField>,
    /// The traits.
    pub(super) traits: Vec<Trait>,
    /// What is done with a record once it is built.
    pub(super) after_build: Option<Expr>,
    /// What is done with a record once it is stored.
    pub(super) after_create: Option<Expr>,
    /// The definition of the fields that the factory names generators for.
    pub(super) generators: String,
    /// The fields in the order they are made, all parents and children aside; `None` when something
    /// is wrong, so that no record can be made.
    pub(super) order: Option<Vec<usize>>,
}

impl FactoryItem {
    /// Reads a factory; all that is wrong goes to `mistakes`, what is wrong with the record aside,
    /// which `derive(Record)` tells. `None` when it is no record at all.
    pub(super) fn read(
        input: &DeriveInput,
        definitions: Result<Arc<Definitions>, Diagnostics>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let mut of_record = Mistakes::default();
        let record = RecordItem::read(input, definitions, &mut of_record)?;
        let options = Options::read(&record.attributes, mistakes);
        let mut generators = Generators::new(&record.source);
        let complete = of_record.is_empty();
        let methods = Methods::of(&record);
        let mut context =
            Context { record: &record, complete, generators: &mut generators, methods, mistakes };
        let fields = fields(&record, &mut context);
        let name = options.name.unwrap_or_else(|| usual_name(&record));
        let mut item = Self {
            builder: Ident::new(&format!("{}Builder", text(&name)), name.span()),
            transients_type: Ident::new(
                &format!("{}Transients", text(&record.ident)),
                record.ident.span(),
            ),
            transients: transients(options.transients, &fields, mistakes),
            name,
            fields,
            traits: Vec::new(),
            after_build: options.after_build,
            after_create: options.after_create,
            generators: generators.definition(),
            order: None,
            record,
        };
        let setters = setters(&item.fields, &item.transients, mistakes);
        item.traits = traits(options.traits, &setters, mistakes);
        drop_taken(&mut item.traits, &setters, mistakes);
        item.order = item.rewrite_and_order(mistakes);
        if !complete || !mistakes.is_empty() {
            item.order = None;
        }
        Some(item)
    }

    /// Rewrites the fields that are made of others, and puts all in order.
    fn rewrite_and_order(&mut self, mistakes: &mut Mistakes) -> Option<Vec<usize>> {
        let is_late = |field: &&FactoryField| matches!(field.source, FieldSource::HasMany(_));
        let late: Vec<String> =
            self.fields.iter().filter(is_late).map(|field| text(&field.ident)).collect();
        let transients = self.transients.iter().map(|transient| text(&transient.ident));
        let fields = self.fields.iter().filter(|field| !is_late(field));
        let known: Vec<String> = fields.map(|field| text(&field.ident)).chain(transients).collect();
        for field in &mut self.fields {
            if let FieldSource::Lazy(lazy) = &mut field.source
                && !lazy.rewrite(&known, &late, mistakes)
            {
                field.source = FieldSource::Faulty;
            }
        }
        let at = |name: &Ident| self.fields.iter().position(|field| field.ident == *name);
        let uses = |field: usize| match &self.fields[field].source {
            FieldSource::Lazy(lazy) => lazy.uses.iter().filter_map(at).collect(),
            _ => Vec::new(),
        };
        let cycles = match order(self.fields.len(), uses) {
            Ok(order) => {
                let made = |field: &usize| {
                    let source = &self.fields[*field].source;
                    !matches!(source, FieldSource::Association(_) | FieldSource::HasMany(_))
                };
                let faulty = |field: &FactoryField| matches!(field.source, FieldSource::Faulty);
                let order = order.into_iter().filter(made).collect();
                return (!self.fields.iter().any(faulty)).then_some(order);
            }
            Err(cycles) => cycles,
        };
        for cycle in cycles {
            let Some(first) = cycle.first() else { continue };
            let names: Vec<String> =
                cycle.iter().map(|field| text(&self.fields[*field].ident)).collect();
            let message = format!("`{}` is made of itself: {}", names[0], names.join(" → "));
            let help = "let one of them be made of nothing else";
            mistakes.at(&self.fields[*first].ident, with_help(&message, help));
        }
        None
    }

    /// Tells whether records can be stored.
    pub(super) fn is_stored(&self) -> bool {
        !matches!(self.record.source, crate::record_item::RecordSource::Memory)
    }

    /// Returns the name of a variable that holds no field and no transient.
    pub(super) fn variable(&self, name: &str) -> Ident {
        let fields = self.fields.iter().map(|field| &field.ident);
        let transients = self.transients.iter().map(|transient| &transient.ident);
        let taken: Vec<String> = fields.chain(transients).map(text).collect();
        let mut name = name.to_owned();
        while taken.contains(&name) {
            name.push('_');
        }
        Ident::new(&name, Span::mixed_site())
    }

    /// Returns the field of the primary key.
    pub(super) fn key(&self) -> Option<&FactoryField> {
        let key = self.record.key()?;
        self.fields.iter().find(|field| field.ident == key.ident)
    }
}

/// Returns the name of a record's factory.
pub(crate) fn factory_name(record: &RecordItem) -> Ident {
    // What is wrong is told where the factory is made.
    let options = Options::read(&record.attributes, &mut Mistakes::default());
    options.name.unwrap_or_else(|| usual_name(record))
}

/// Returns the names of the factories that the foreign keys of a record lead to.
pub(crate) fn associations(record: &RecordItem) -> Vec<String> {
    let written = record.fields.iter().filter_map(|field| {
        match WrittenSource::read(field, &mut Mistakes::default())? {
            (_, WrittenSource::Association(Type::Path(factory))) => {
                factory.path.segments.last().cloned()
            }
            _ => None,
        }
    });
    written.map(|factory| text(&factory.ident)).collect()
}

fn usual_name(record: &RecordItem) -> Ident {
    Ident::new(&format!("{}Factory", text(&record.ident)), record.ident.span())
}

fn fields(record: &RecordItem, context: &mut Context<'_, '_>) -> Vec<FactoryField> {
    let (mut fields, mut columns) = (Vec::new(), 0..);
    for field in &record.fields {
        let written = WrittenSource::read(field, context.mistakes);
        fields.push(FactoryField {
            source: FieldSource::of(field, written, context),
            ident: field.ident.clone(),
            local: local(&field.ident, Span::mixed_site()),
            ty: field.ty.clone(),
            column: field.column.as_ref().and_then(|_| columns.next()),
            setter: setter(&field.ident),
        });
    }
    fields
}

fn transients(
    written: Vec<Transient>,
    fields: &[FactoryField],
    mistakes: &mut Mistakes,
) -> Vec<FactoryTransient> {
    let mut transients: Vec<FactoryTransient> = Vec::new();
    for Transient { name, ty, default } in written {
        if fields.iter().any(|field| field.ident == name) {
            let message = format!("`{name}` is a field of the record already");
            mistakes.at(&name, with_help(&message, "a transient is what no column holds"));
            continue;
        }
        if transients.iter().any(|known| known.ident == name) {
            mistakes.at(&name, format!("the transient `{name}` is there twice"));
            continue;
        }
        let (local, setter) = (local(&name, Span::mixed_site()), setter(&name));
        transients.push(FactoryTransient { local, setter, ident: name, ty, default });
    }
    transients
}
