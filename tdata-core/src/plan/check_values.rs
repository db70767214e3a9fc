//! What PostgreSQL must keep of single values: all of each, and all of them apart.

use std::collections::HashSet;

use super::check::{SAMPLED_ROWS, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::{Cells, Generator, UniqueBy};
use crate::sql::{Scalar, SqlType, literals};
use crate::value::Value;

/// Proves that values fit their type, by those of some rows.
pub(super) fn fit(subject: &Subject<'_>, cells: &dyn Cells, diagnostics: &mut Diagnostics) {
    // All that a definition writes out was proved when its generator was made.
    if matches!(subject.maker(), "choice" | "constant") && !subject.masked {
        return;
    }
    let mut value = Value::Null;
    // A group may have fewer combinations than rows, which is told as well.
    for row in 0..subject.rows.min(SAMPLED_ROWS).min(cells.rows()) {
        cells.write(row, &mut value);
        let Err(expected) = fits(&value, subject.sql_type) else { continue };
        let name = &subject.field.name.value;
        let message = format!("`{name}` is not {expected} in the row of index {row}");
        let sql_type = subject.sql_type;
        let help = match (subject.masked, subject.maker()) {
            (true, _) => format!("choose a masking rule whose masks fit {sql_type}"),
            (_, "reference") => "give it the type of the field it references".to_owned(),
            (_, maker) => format!("let `{maker}` make values that fit {sql_type}"),
        };
        let diagnostic = Diagnostic::new("plan::value", message).at(subject.type_origin());
        diagnostics.push(diagnostic.help(help));
        return;
    }
}

/// Tells whether a column keeps a value as it is; what it should be, if not.
fn fits(value: &Value, sql_type: &SqlType) -> Result<(), String> {
    match value {
        // What a column pads itself comes with its blanks where rows are stored.
        Value::Text(text) if matches!(sql_type.scalar(), Some(Scalar::Char(_))) => {
            literals::read(text.trim_end_matches(' '), sql_type).map(|_| ())
        }
        Value::Text(text) => literals::read(text, sql_type).map(|_| ()),
        Value::Timestamp(instant) => match sql_type.instant_unit() {
            Some(unit) if instant.micros() % unit != 0 => {
                Err(format!("a point in time that `{sql_type}` keeps all digits of"))
            }
            _ => Ok(()),
        },
        Value::Int(number) => fits_number(*number, 0, sql_type),
        Value::Decimal { unscaled, scale } => fits_number(*unscaled, *scale, sql_type),
        _ => Ok(()),
    }
}

/// Tells whether a `numeric` column keeps all digits of a number.
fn fits_number(unscaled: i64, scale: u8, sql_type: &SqlType) -> Result<(), String> {
    let Some((before, behind)) = sql_type.decimal_digits() else { return Ok(()) };
    let number = i128::from(unscaled);
    let power = |digits: i64| 10i128.checked_pow(u32::try_from(digits).unwrap_or(0));
    // The last digits that are kept are so many places before the number's own.
    let kept = i64::from(scale) - i64::from(behind) + i64::from(zeros(sql_type.whole_unit()));
    let rounded = power(kept).is_none_or(|unit| number % unit != 0) && number != 0;
    let too_large =
        power(i64::from(before) + i64::from(scale)).is_some_and(|most| number.abs() >= most.max(1));
    if rounded || too_large && number != 0 {
        let before = before.max(0);
        return Err(format!(
            "a number with at most {before} digits before and {behind} behind the point"
        ));
    }
    Ok(())
}

fn zeros(unit: Option<i64>) -> u32 {
    unit.map_or(0, i64::ilog10)
}

/// The most values that are compared with each other, where the definition does not write them.
const MOST_COMPARED: u64 = 1_000;

/// Proves that PostgreSQL takes none of a unique field's values for equal, however they are written.
pub(super) fn differ(
    subject: &Subject<'_>,
    generator: &dyn Generator,
    diagnostics: &mut Diagnostics,
) {
    let numbered = generator.unique_by() == UniqueBy::Number && !subject.masked;
    let has_forms = literals::has_forms(subject.sql_type);
    let Some(reason) = subject.unique_reason().filter(|_| numbered && has_forms) else { return };
    let is_written = subject.field.parameters.get("choices").is_some();
    let compared = if is_written { u64::MAX } else { MOST_COMPARED };
    let (name, sql_type) = (&subject.field.name.value, subject.sql_type);
    let mut seen = HashSet::new();
    let mut value = Value::Null;
    for number in 0..generator.capacity().min(compared) {
        generator.nth(number, &mut value);
        let Value::Text(text) = &value else { return };
        let Ok(form) = literals::read(text, sql_type) else { return };
        if seen.insert(form) {
            continue;
        }
        if !is_written {
            // Of values that the definition does not write, one example is enough.
            let message =
                format!("`{name}` is {reason}, and some of its values are equal as {sql_type}");
            let help = "let the values differ in more than how they are written";
            let origin = &subject.field.name.origin;
            diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
            return;
        }
        diagnostics.push_with(|| {
            let origin = subject.text_origin("choices", text);
            let message = format!(
                "`{name}` is {reason}, and the choice `{text}` equals an earlier one as {sql_type}"
            );
            Diagnostic::new("plan::capacity", message)
                .at(origin.unwrap_or(&subject.field.name.origin))
                .help("drop one of them")
        });
    }
}
