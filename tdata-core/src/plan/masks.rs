//! The masks of fields: which rule a field has, and how narrow its masks must be.
//!
//! Equal values of one domain get equal masks, in a narrow column as in a wide one. So all columns of a
//! domain take the form that fits the narrowest of them. That is taken over all definitions of the
//! project, so that it does not matter which of them a contract asks for.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::catalog::Catalog;
use crate::definition::Library;
use crate::diagnostic::Diagnostics;
use crate::mask::{self, Form, Mask, MaskKey};
use crate::spec::{DatasetSpec, Field};
use crate::sql::{Scalar, SqlType};

/// The mask of a field.
#[derive(Clone, Debug)]
pub(super) struct FieldMask {
    /// The technique's name.
    pub(super) technique: &'static str,
    pub(super) mask: Arc<dyn Mask>,
    /// The column that the masks are narrow for, where that is another one.
    pub(super) narrowed_by: Option<String>,
}

/// A column that has masks.
struct Masked {
    form: Form,
    dataset: String,
    /// The dataset's table.
    table: String,
    /// Dataset and field.
    column: String,
    /// The most characters it takes.
    limit: usize,
    /// Whether the technique fits it at all.
    fits: bool,
}

/// What masks are made with: the key, and how narrow the masks of each form are.
#[derive(Clone, Debug)]
pub(super) struct Masking<'a> {
    key: &'a MaskKey,
    /// Of each form the fewest characters that a column takes, and which column that is.
    narrowest: BTreeMap<Form, (usize, String)>,
}

/// Finds out how narrow the masks of a project are. A column's type is that of its table, where there
/// is one.
///
/// A column that a technique does not fit at all does not count: that is told when its dataset is asked
/// for. Neither do files that do not parse.
pub(super) fn masking<'a>(library: &Library, key: &'a MaskKey, catalog: &Catalog) -> Masking<'a> {
    let mut narrowest: BTreeMap<Form, (usize, String)> = BTreeMap::new();
    for Masked { form, column, limit, .. } in
        masked(library, catalog).into_iter().filter(|column| column.fits)
    {
        let least = narrowest.entry(form).or_insert((usize::MAX, String::new()));
        if limit < least.0 {
            *least = (limit, column);
        }
    }
    Masking { key, narrowest }
}

/// Returns what the masks of some definitions depend on besides these definitions: how narrow the columns
/// of the project are that share their forms, and where migrations decide that, which columns these are.
pub(super) fn shared(
    specs: &[Arc<DatasetSpec>],
    library: &Library,
    has_tables: bool,
) -> Vec<String> {
    let columns = masked(library, &Catalog::default());
    let asked_for = |column: &&Masked| specs.iter().any(|spec| spec.name.value == column.dataset);
    let used: HashSet<&Form> =
        columns.iter().filter(asked_for).map(|column| &column.form).collect();
    let mut told: BTreeMap<&Form, (usize, Vec<String>)> = BTreeMap::new();
    for column in columns.iter().filter(|column| used.contains(&column.form)) {
        let (least, names) = told.entry(&column.form).or_insert((usize::MAX, Vec::new()));
        if column.fits {
            *least = column.limit.min(*least);
        }
        if has_tables {
            names.push(format!("{} {} {}", column.table, column.column, column.limit));
        }
    }
    told.iter().map(|(form, (least, names))| format!("{form:?} {least} {names:?}")).collect()
}

/// Returns all columns of a project that have masks: of their own, or those of what they reference.
fn masked(library: &Library, catalog: &Catalog) -> Vec<Masked> {
    let mut found = Vec::new();
    for spec in library.specs() {
        let table = catalog.table(&spec.table);
        for field in &spec.fields {
            // A key without a type has that of what it references, and narrows nothing by itself.
            let sql_type = catalog.field_type(table, field);
            let sql_type = &sql_type.unwrap_or(SqlType::Scalar(Scalar::Text));
            let Some((owner, source)) = source(library, spec, field) else { continue };
            // What is wrong with a rule is told where its dataset is asked for.
            let mut unsaid = Diagnostics::new();
            let rule = mask::rule(owner, source, sql_type, &mut unsaid);
            let Some(Some(rule)) = rule else { continue };
            let limit = sql_type.length_limit().unwrap_or(usize::MAX);
            let dataset = spec.name.value.clone();
            found.push(Masked {
                column: format!("{dataset}.{}", field.name.value),
                dataset,
                table: spec.table.to_string(),
                limit,
                fits: rule.fits(limit),
                form: rule.form(),
            });
        }
    }
    found
}

/// Follows a foreign key to the field whose values it has; other fields have their own.
fn source<'a>(
    library: &'a Library,
    spec: &'a DatasetSpec,
    field: &'a Field,
) -> Option<(&'a DatasetSpec, &'a Field)> {
    /// The longest way there can be, except around in a circle.
    const FAR: usize = 1_000;
    let (mut spec, mut field) = (spec, field);
    for _ in 0..FAR {
        // Keys that share a field agree in it, so that any of them leads there.
        let Some(key) = spec.relationship(&field.name) else { return Some((spec, field)) };
        let referenced = key.referenced(&field.name)?;
        spec = library.get(library.referenced(key)?)?.ok()?;
        field = spec.field(referenced)?;
    }
    None
}

impl Masking<'_> {
    /// Makes the mask of a field: `Some(None)` where it has none, `None` after telling what is wrong.
    #[expect(clippy::option_option, reason = "the outer level is the planner's way to fail")]
    pub(super) fn mask(
        &self,
        spec: &DatasetSpec,
        field: &Field,
        sql_type: &SqlType,
        diagnostics: &mut Diagnostics,
    ) -> Option<Option<FieldMask>> {
        let Some(rule) = mask::rule(spec, field, sql_type, diagnostics)? else {
            return Some(None);
        };
        let own = sql_type.length_limit().unwrap_or(usize::MAX);
        if !rule.fits(own) {
            diagnostics.push(rule.too_narrow(sql_type));
            return None;
        }
        let narrowest = self.narrowest.get(&rule.form()).filter(|(limit, _)| *limit < own);
        let limit = narrowest.map_or(own, |(limit, _)| *limit);
        let narrowed_by = narrowest.map(|(_, column)| column.clone());
        let (technique, mask) = (rule.technique(), rule.mask(self.key, limit));
        Some(Some(FieldMask { technique, mask, narrowed_by }))
    }
}
