//! dbmate: `<digits>….sql`, each with a part behind `-- migrate:up`.

use tdata_core::project::MigrationLayout;

use super::layout::{Layout, Settings};
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, When, record_version};
use crate::migrate::migration::Mode;
use crate::migrate::parts::{lines, only};
use crate::migrate::surroundings::Surroundings;

pub(super) const DBMATE: Layout = Layout {
    word: MigrationLayout::Dbmate,
    find,
    order: |found| found.order(|migration| migration.name.clone()),
    is_merged: true,
    outside: "say so behind the mark of the part, `-- migrate:up transaction:false`",
    settings: Settings::Last,
    history: Some(History {
        table: "schema_migrations",
        when: When::Within,
        create: |table| format!("CREATE TABLE IF NOT EXISTS {table} (version varchar PRIMARY KEY)"),
        record: record_version,
    }),
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found) {
    for name in folder.top().filter(|name| name.ends_with(".sql")) {
        let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        let (version, _) = name.split_at(end);
        if version.is_empty() {
            continue;
        }
        let Some(whole) = found.take(folder, name, version, "") else { continue };
        let parts = parts(&whole.sql);
        let whole = whole.clone();
        found.list.pop();
        let last = parts.as_ref().map_or(0, Vec::len);
        match parts {
            Ok(parts) => {
                for (index, (sql, mode)) in parts.into_iter().enumerate() {
                    let mut part = whole.clone();
                    (part.sql, part.mode) = (sql, mode);
                    part.identity.is_entered = index + 1 == last;
                    found.list.push(part);
                }
            }
            Err((line, text)) => {
                found.mistake(name, line, text);
            }
        }
    }
}

/// Takes the parts that migrate out of a text.
fn parts(text: &str) -> Result<Vec<(String, Mode)>, (usize, &'static str)> {
    let mut parts = Vec::new();
    // Where the part that is open begins, and how it runs.
    let mut open = None;
    for line in lines(text) {
        let Some((is_up, options)) = mark(line.text) else { continue };
        if let Some((start, mode)) = open.take() {
            parts.push((only(text, &(start..line.bytes.start)), mode));
        }
        let is_outside = options.contains(&"transaction:false");
        let mode = if is_outside { Mode::OneByOne } else { Mode::Together };
        open = is_up.then_some((line.bytes.start, mode));
    }
    if let Some((start, mode)) = open {
        parts.push((only(text, &(start..text.len())), mode));
    }
    match parts.is_empty() {
        true => Err((1, "has no line `-- migrate:up`, and dbmate runs no such file; add it")),
        false => Ok(parts),
    }
}

/// Reads a line that marks a part: whether it migrates, and its options.
pub(super) fn mark(line: &str) -> Option<(bool, Vec<&str>)> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("migrate:")?;
    let mut words = rest.split_whitespace();
    let is_up = match words.next()? {
        "up" => true,
        "down" => false,
        _ => return None,
    };
    Some((is_up, words.collect()))
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{found, mistakes};
    use super::*;

    #[test]
    fn files_order_as_texts_and_only_their_parts_up_run() {
        let two =
            "-- so\n-- migrate:up\nA;\n-- migrate:down\nB;\n--migrate:up transaction:false\r\nC;\n";
        let (found, left_out) = found(
            &DBMATE,
            &[
                ("9_b.sql", "-- migrate:up\nD;"),
                ("10_a.sql", two),
                ("schema.sql", ""),
                ("a/1_x.sql", ""),
            ],
        );
        let all: Vec<(&str, &str, Mode, bool)> = (found.list.iter())
            .map(|one| (&*one.name, &*one.sql, one.mode, one.identity.is_entered))
            .collect();
        assert_eq!(
            all,
            [
                ("10_a.sql", "\n-- migrate:up\nA;\n\n\n\n\n", Mode::Together, false),
                (
                    "10_a.sql",
                    "\n\n\n\n\n--migrate:up transaction:false\r\nC;\n",
                    Mode::OneByOne,
                    true
                ),
                ("9_b.sql", "-- migrate:up\nD;", Mode::Together, true),
            ]
        );
        assert_eq!(left_out, ["a/1_x.sql", "schema.sql"]);
        assert!(mistakes(&DBMATE, &["1_a.sql"])[0].contains("-- migrate:up"));
    }
}
