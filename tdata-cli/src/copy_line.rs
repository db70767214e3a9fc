//! The line by which `psql` loads a file.

use std::path::Path;

use tdata_core::plan::DatasetPlan;
use tdata_core::sql::{quote_literal, written_identifier};
use tdata_jobs::{Compression, Format, Layout};

/// Returns the line by which `psql` loads a file, if COPY reads its format. It names the columns, as a table may have them in
/// another order.
pub(crate) fn copy_line(
    dataset: &DatasetPlan,
    file: &Path,
    layout: Layout,
    compression: Option<Compression>,
) -> Option<String> {
    let options = match layout.format {
        Format::Csv if layout.header => " with (format csv, header)",
        Format::Csv => " with (format csv)",
        Format::PgCopy => "",
        Format::PgCopyBinary => " with (format binary)",
        _ => return None,
    };
    let columns: Vec<String> =
        dataset.fields.iter().map(|field| written_identifier(&field.name)).collect();
    let path = file.to_str()?;
    let from = match compression {
        None => quote_literal(path),
        Some(_) => format!("program {}", quote_literal(&format!("zstd -dc {}", shell(path)))),
    };
    let mut table = written_identifier(&dataset.table.name);
    if let Some(schema) = &dataset.table.schema {
        table = format!("{}.{table}", written_identifier(schema));
    }
    Some(format!("\\copy {table} ({}) from {from}{options}", columns.join(", ")))
}

/// Quotes a path for a shell, where that is needed.
fn shell(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
