//! What may help where PostgreSQL refuses a statement of a migration.

use postgres::error::SqlState;
use tdata_core::diagnostic::in_a_line;
use tdata_core::sql::quote_identifier;

use super::layouts::{self, Settings};
use super::migration::{Migration, Migrations, Mode, tool};
use super::own_program::OWN_PROGRAM;
use super::session_settings::sets_path;
use super::steps::words;
use super::turn::Part;
use crate::refusal::Refusal;

/// Returns what to do about an error, as far as it is a matter of the statement.
pub(super) fn of_statement(
    statement: &str,
    is_dump: bool,
    error: &postgres::Error,
) -> Option<String> {
    let refused = error.as_db_error()?;
    let first: Vec<String> = words(statement).take(2).collect();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let code = refused.code();
    // A message that a block writes out as a whole holds nothing else.
    let written = format!("'{}'", refused.message());
    let is_written = first.first() == Some(&"do") && statement.contains(&written);
    if code.code().starts_with("P0") && !refused.message().is_empty() && is_written {
        return Some(format!("It says: {}", in_a_line(refused.message())));
    }
    let is_missing = [SqlState::UNDEFINED_FILE, SqlState::FEATURE_NOT_SUPPORTED].contains(code);
    if first == ["create", "extension"] && is_missing {
        return Some(extension(refused.message()));
    }
    if *code == SqlState::UNDEFINED_OBJECT
        && let Some(role) = missing_role(refused.message())
    {
        let role = quote_identifier(role);
        return Some(format!(
            "Make it before the migrations, in a file that tdata.toml names, before_migrations = [\"roles.sql\"]: \
             CREATE ROLE {role} NOLOGIN; or make the dump with --no-owner --no-privileges"
        ));
    }
    let is_unknown = [SqlState::UNDEFINED_OBJECT, SqlState::UNDEFINED_FUNCTION].contains(code);
    if is_unknown && let Some(name) = made_by(refused.message()) {
        let name = quote_identifier(name);
        return Some(format!(
            "The extension {name} has that. Make it before the migrations, in a file that tdata.toml names, \
             before_migrations = [\"extensions.sql\"]: CREATE EXTENSION IF NOT EXISTS {name};"
        ));
    }
    let drops = matches!(first.first(), Some(&"drop")) || statement_drops_constraint(statement);
    (is_dump && drops).then(|| {
        "The database is empty before its migrations: make the dump with --if-exists, or without --clean".to_owned()
    })
}

/// `extension "postgis" is not available`, or the control file that is missing.
fn extension(message: &str) -> String {
    let quoted = message.split('"').nth(1).unwrap_or("it");
    let name = quoted.rsplit('/').next().unwrap_or(quoted).trim_end_matches(".control");
    format!(
        "The server does not have the extension {name}. Name an image that has it in tdata.toml, such as postgres_image = \
         \"postgis/postgis:17-3.5\" for postgis; or install its package for the PostgreSQL of this machine; or name a \
         server that has it: TDATA_DATABASE_URL"
    )
}

/// What some extensions are used for, by the beginnings of names, and the extensions.
const EXTENSIONS: &[(&str, &str)] = &[
    ("citext", "citext"),
    ("hstore", "hstore"),
    ("ltree", "ltree"),
    ("cube", "cube"),
    ("geometry", "postgis"),
    ("geography", "postgis"),
    ("st_", "postgis"),
    ("vector", "vector"),
    ("halfvec", "vector"),
    ("uuid_generate_v", "uuid-ossp"),
    ("uuid_nil", "uuid-ossp"),
    ("crypt", "pgcrypto"),
    ("gen_salt", "pgcrypto"),
    ("gen_random_bytes", "pgcrypto"),
    ("digest", "pgcrypto"),
    ("hmac", "pgcrypto"),
    ("pgp_", "pgcrypto"),
    ("gin_trgm_ops", "pg_trgm"),
    ("gist_trgm_ops", "pg_trgm"),
    ("similarity", "pg_trgm"),
    ("word_similarity", "pg_trgm"),
    ("unaccent", "unaccent"),
    ("ll_to_earth", "earthdistance"),
    ("earth_distance", "earthdistance"),
    ("soundex", "fuzzystrmatch"),
    ("levenshtein", "fuzzystrmatch"),
    ("dmetaphone", "fuzzystrmatch"),
    ("crosstab", "tablefunc"),
];

/// Returns the extension that makes what does not exist: `type "citext" does not exist`, `function
/// uuid_generate_v4() does not exist`, `operator class "gin_trgm_ops" does not exist for access method "gin"`.
fn made_by(message: &str) -> Option<&'static str> {
    const KINDS: [&str; 3] = ["type ", "function ", "operator class "];
    let (kind, rest) = KINDS.iter().find_map(|kind| Some((*kind, message.strip_prefix(kind)?)))?;
    if !rest.contains(" does not exist") {
        return None;
    }
    let end = rest.find(['(', ' ']).unwrap_or(rest.len());
    let name = rest[..end].trim_matches('"').trim_end_matches("[]");
    let name = name.rsplit('.').next().unwrap_or(name);
    let is_of =
        |(beginning, _): &&(&str, &str)| match beginning.ends_with('_') || kind == "function " {
            true => name.starts_with(beginning),
            false => name == *beginning,
        };
    EXTENSIONS.iter().find(is_of).map(|(_, extension)| *extension)
}

/// `role "app" does not exist`.
fn missing_role(message: &str) -> Option<&str> {
    message.strip_prefix("role \"")?.strip_suffix("\" does not exist")
}

/// `ALTER TABLE … DROP CONSTRAINT …`.
fn statement_drops_constraint(statement: &str) -> bool {
    let words: Vec<String> = words(statement).collect();
    words.first().is_some_and(|word| word == "alter") && words.iter().any(|word| word == "drop")
}

/// Returns what may help where a migration was refused, as far as it is a matter of its layout.
pub(super) fn of_layout(
    refusal: &Refusal,
    migrations: &Migrations,
    index: usize,
    is_one_schema: bool,
) -> Option<String> {
    const ACTIVE_SQL_TRANSACTION: &str = "25001";
    const UNSAFE_NEW_ENUM_VALUE_USAGE: &str = "55P04";
    const UNDEFINED_TABLE: &str = "42P01";
    const INVALID_SCHEMA_NAME: &str = "3F000";
    const SYNTAX_ERROR: &str = "42601";
    let migration = &migrations.list[index];
    let folder = &migrations.folders[migration.folder];
    let is_beside = |other: &&Migration| migrations.folders[other.folder].part == folder.part;
    let mut before = migrations.list[..index].iter().filter(is_beside);
    let layout = layouts::of(folder.layout);
    if refusal.is(ACTIVE_SQL_TRANSACTION) {
        return Some(match migration.mode {
            Mode::Together => format!("It cannot run in a transaction: {}", layout.outside),
            Mode::OneByOne => {
                "It cannot run in a transaction, and the file begins one itself: put it behind the \
                               COMMIT, or before the BEGIN"
                    .to_owned()
            }
        });
    }
    if refusal.is(UNSAFE_NEW_ENUM_VALUE_USAGE) {
        const BEHIND: &str = "A label can be used only behind the transaction that adds it: use it in a later migration";
        return Some(match migration.mode {
            Mode::Together => {
                format!("{BEHIND}. In no transaction it can be used at once: {}", layout.outside)
            }
            Mode::OneByOne => format!("{BEHIND}, or behind the COMMIT of this one"),
        });
    }
    if refusal.is(SYNTAX_ERROR) {
        let text = refusal.to_string();
        let is_template = ["\"{\"", "\"$\"", "\"%\""].iter().any(|mark| text.contains(mark));
        return is_template.then(|| format!("Has it the marks of a template? Then {OWN_PROGRAM}"));
    }
    if !refusal.is(UNDEFINED_TABLE) && !refusal.is(INVALID_SCHEMA_NAME) {
        return None;
    }
    let sets_path = before.rfind(|other| sets_path(&other.sql));
    let ended = match sets_path {
        Some(other) if layout.settings == Settings::EndWithFile => {
            format!("The search_path that {} set ended with that file. ", other.name)
        }
        Some(other) if is_one_schema => format!(
            "Under `schema` isolation the search_path that {} set ended with that file; with `full` it lasts. ",
            other.name
        ),
        Some(other) => {
            format!("The search_path that {} set still holds, unless it is empty. ", other.name)
        }
        None => String::new(),
    };
    if folder.part != Part::Migrations {
        return (!ended.is_empty()).then_some(ended);
    }
    let other = match folder.is_named {
        true => "as `migrations_layout` in tdata.toml says",
        false => {
            "as its files tell; if it is another tool's, say so: `migrations_layout` in tdata.toml"
        }
    };
    Some(format!("{ended}The folder {} is read as {}, {other}", folder.path, tool(folder.layout)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_and_roles_are_named() {
        for message in [
            "extension \"postgis\" is not available",
            "could not open extension control file \"/usr/share/postgresql/15/extension/postgis.control\": No such file",
        ] {
            assert!(
                extension(message).starts_with("The server does not have the extension postgis.")
            );
        }
        assert_eq!(missing_role("role \"My app\" does not exist"), Some("My app"));
        for (message, extension) in [
            ("type \"citext\" does not exist", Some("citext")),
            ("type \"public.geometry\" does not exist", Some("postgis")),
            ("function uuid_generate_v4() does not exist", Some("uuid-ossp")),
            ("function public.st_point(integer, integer) does not exist", Some("postgis")),
            (
                "operator class \"gin_trgm_ops\" does not exist for access method \"gin\"",
                Some("pg_trgm"),
            ),
            ("type \"cubes\" does not exist", None),
            ("type \"vectors\" does not exist", None),
            ("function shop.total(integer) does not exist", None),
            ("function similarity(text, text) is not unique", None),
            ("role \"citext\" does not exist", None),
        ] {
            assert_eq!(made_by(message), extension, "{message}");
        }
        assert_eq!(missing_role("type \"x\" does not exist"), None);
    }
}
