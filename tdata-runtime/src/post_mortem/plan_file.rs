//! `plan.txt`: how the data were made.

use std::fmt::Write as _;

use tdata_core::diagnostic::in_a_line;
use tdata_core::plan::{DatasetPlan, FieldPlan, Plan};
use tdata_core::sql::TableName;

/// Writes the datasets in the order in which they are loaded, each with its fields.
pub(super) fn write(plan: &Plan) -> String {
    let mut text = "The datasets, in the order in which they are loaded.\n".to_owned();
    for dataset in &plan.datasets {
        // Writing to a text does not fail.
        let _ = write!(text, "\n{}\n", heading(dataset));
        let mut lines = vec![HEADINGS.map(str::to_owned)];
        lines.extend(dataset.fields.iter().map(|field| columns(dataset, field)));
        let widths = [0, 1, 2, 3]
            .map(|at| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default());
        for [name, kind, generator, mask, rest] in &lines {
            let [first, second, third, fourth] = widths;
            let line = format!(
                "    {name:first$}  {kind:second$}  {generator:third$}  {mask:fourth$}  {rest}"
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

/// What is told of each field.
pub(super) const HEADINGS: [&str; 5] = ["field", "type", "generator", "mask", ""];

/// Tells a dataset's rows and table.
pub(super) fn heading(dataset: &DatasetPlan) -> String {
    let DatasetPlan { name, rows, .. } = dataset;
    let TableName { schema, name: table } = &dataset.table;
    let schema = schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
    in_a_line(&format!("{name}: {rows} rows in {schema}{table}"))
}

/// Tells a field, by [`HEADINGS`].
pub(super) fn columns(dataset: &DatasetPlan, field: &FieldPlan) -> [String; 5] {
    let references = dataset.foreign_keys.iter().flat_map(|key| {
        let pairs = key.fields.iter().zip(&key.referenced_fields);
        let of_field = pairs.filter(|(own, _)| **own == field.name);
        of_field.map(move |(_, referenced)| format!("references {}.{referenced}", key.dataset))
    });
    let notes =
        [field.unique.then(|| "unique".to_owned()), field.nullable.then(|| "nullable".to_owned())];
    let notes = notes.into_iter().flatten().chain(references);
    [
        field.name.clone(),
        field.sql_type.to_string(),
        field.generator.to_owned(),
        field.mask.unwrap_or("-").to_owned(),
        notes.collect::<Vec<_>>().join(", "),
    ]
    .map(|text| in_a_line(&text))
}
