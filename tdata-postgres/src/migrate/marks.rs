//! Lines that mark what undoes a migration, as tools do that keep both in one file.

use super::found::Found;
use super::mistake::Mistake;
use super::own_program::OWN_PROGRAM;
use super::parts::lines;

/// Marks in small letters, without the dashes before them, and what to do about each.
const MARKS: &[(&str, &str)] = &[
    ("+goose down", "say migrations_layout = \"goose\" in tdata.toml"),
    ("migrate:down", "say migrations_layout = \"dbmate\" in tdata.toml"),
    ("+migrate down", ""),
    ("create above / drop below ----", ""),
    ("down migration", ""),
    ("rambler down", ""),
    ("@down", ""),
    ("//@undo", ""),
];

/// Tells files of which all would run, also what undoes them.
pub(super) fn check(found: &mut Found) {
    for migration in &found.list {
        for line in lines(&migration.sql) {
            let Some(text) = told(line.text) else { continue };
            let (file, line) = (migration.name.clone(), Some(line.number));
            found.mistakes.push((migration.folder, Mistake { file, line, text }));
        }
    }
}

fn told(line: &str) -> Option<String> {
    if line.starts_with("<<<<<<< ") {
        return Some("is in conflict with another version of it; resolve that".to_owned());
    }
    let mark = line.strip_prefix("--")?.trim_start_matches('-').trim().to_ascii_lowercase();
    // Options may follow.
    let is_it = |mark: &str, other: &str| {
        let rest = mark.strip_prefix(other);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" transaction:"))
    };
    let (_, advice) = MARKS.iter().find(|(other, _)| is_it(&mark, other))?;
    let advice = if advice.is_empty() { OWN_PROGRAM } else { advice };
    Some(format!("begins what undoes it here, and all of the file would run; {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_other_tools_are_told() {
        for line in [
            "-- +migrate Down",
            "---- create above / drop below ----",
            "-- Down Migration",
            "-- rambler down",
            "-- @DOWN",
            "-- //@UNDO",
            "-- +goose Down",
            "-- migrate:down transaction:false",
            "<<<<<<< HEAD",
        ] {
            assert!(told(line).is_some(), "{line}");
        }
        for line in [
            "-- +migrate Up",
            "-- down",
            "-- the down migration is elsewhere",
            "--rollback x",
            "a -- @down",
        ] {
            assert!(told(line).is_none(), "{line}");
        }
    }
}
