//! The names that a definition takes from tdata: generators with their keys, masking rules, categories of personal data.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate;
use crate::mask;
use crate::spec::{DatasetSpec, Field};
use crate::sql::{Scalar, SqlType};

/// Tells the names that mean nothing in a definition which cannot be planned, for the mistakes that it has by itself.
pub(super) fn check(spec: &DatasetSpec, diagnostics: &mut Diagnostics) {
    for field in &spec.fields {
        if is_whole(spec, field) {
            generate::entry(field, diagnostics);
        }
        let text = SqlType::Scalar(Scalar::Text);
        let sql_type = field.sql_type.as_ref().map_or(&text, |sql_type| &sql_type.value);
        // What else is wrong with a mask may come of a mistake that was told.
        let mut told = Diagnostics::new();
        mask::rule(spec, field, sql_type, &mut told);
        told.iter().filter(|one| is_name(one)).for_each(|one| diagnostics.push(one.clone()));
    }
}

/// Tells whether nothing that every field needs is missing: the misspelt key in its place was told then.
fn is_whole(spec: &DatasetSpec, field: &Field) -> bool {
    let has_type = field.sql_type.is_some() || spec.relationship(&field.name).is_some();
    has_type && field.generator.is_some()
}

fn is_name(mistake: &Diagnostic) -> bool {
    matches!(mistake.code(), "plan::unknown_category" | "plan::unknown_rule")
}
