//! How a definition begins that nobody has written yet.

use super::yaml::API_VERSION;
use crate::diagnostic::or_list;
use crate::sql::{TableName, is_identifier};

/// The most datasets that are listed beside the one to write.
const MOST_LISTED: usize = 20;

/// Says which file to write for a dataset, `known` being those there are. `key` is the field that others reference.
///
/// `None` where no file can have the name.
pub(super) fn to_write<'a>(
    written: &str,
    folder: &str,
    key: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let file = file(written, folder)?;
    let table = TableName::parse(written)?;
    let key = if is_identifier(key) { key } else { "id" };
    let known: Vec<&str> = known.collect();
    let use_one = match known.len() {
        1..=MOST_LISTED => format!("use {}, or ", or_list(known)),
        _ => String::new(),
    };
    Some(format!(
        "{use_one}write {file}, such as:\n\
         \x20 apiVersion: {API_VERSION}\n\
         \x20 kind: DataDefinition\n\
         \x20 metadata: {{ name: {} }}\n\
         \x20 spec:\n\
         \x20   table: {}\n\
         \x20   fields:\n\
         \x20     - {{ name: {key}, type: integer, generator: sequence }}",
        table.name,
        table.written()
    ))
}

/// Returns the file in which a dataset is defined: that of a table has its name. `None` where no file can have it.
pub(super) fn file(written: &str, folder: &str) -> Option<String> {
    let name = TableName::parse(written)?.name;
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (is_plain && is_identifier(&name)).then(|| format!("{folder}/{name}.yaml"))
}

/// Takes a file's name for the name of the dataset in it.
pub(super) fn without_ending(written: &str) -> &str {
    let stem = [".yaml", ".yml"].iter().find_map(|ending| written.strip_suffix(ending));
    stem.map_or(written, |stem| stem.rsplit('/').next().unwrap_or(stem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Definition;
    use crate::diagnostic::Source;

    #[test]
    fn what_is_to_be_written_is_a_definition() {
        for (written, stem, key) in
            [("publishers", "publishers", "id"), ("shop.publishers", "publishers", "isbn")]
        {
            let known = ["users", "orders"].into_iter();
            let told = to_write(written, "defs", key, known).unwrap();
            assert!(
                told.starts_with(&format!("use `users` or `orders`, or write defs/{stem}.yaml,"))
            );
            let (_, text) = told.split_once(":\n").unwrap();
            let text: String = text
                .lines()
                .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap()))
                .collect();
            let definition = Definition::parse(Source::new("a.yaml", text), stem).unwrap();
            assert_eq!(definition.spec.table.value.written(), written);
            assert_eq!(definition.spec.fields[0].name.value, key);
        }
    }

    #[test]
    fn what_is_no_name_of_a_file_is_none() {
        for written in ["", "a.b.c", "../a", "a/b", "a b", "a\"b"] {
            assert_eq!(to_write(written, "defs", "id", std::iter::empty()), None, "{written}");
        }
    }

    #[test]
    fn files_stand_for_their_datasets() {
        for (written, expected) in [
            ("users", "users"),
            ("users.yaml", "users"),
            ("data_definitions/users.yml", "users"),
            ("shop.users", "shop.users"),
        ] {
            assert_eq!(without_ending(written), expected);
        }
    }
}
