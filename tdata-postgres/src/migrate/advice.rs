//! What may help where PostgreSQL refuses a statement of a migration.

use postgres::error::SqlState;
use tdata_core::sql::quote_identifier;

use super::layouts::{self, Settings};
use super::migration::{Migrations, tool};
use super::own_program::OWN_PROGRAM;
use super::session_settings::sets_path;
use super::steps::words;
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
    let is_missing = [SqlState::UNDEFINED_FILE, SqlState::FEATURE_NOT_SUPPORTED].contains(code);
    if first == ["create", "extension"] && is_missing {
        return Some(extension(refused.message()));
    }
    if *code == SqlState::UNDEFINED_OBJECT
        && let Some(role) = missing_role(refused.message())
    {
        let role = quote_identifier(role);
        return Some(format!(
            "Let an earlier migration make it: CREATE ROLE {role} NOLOGIN; or make the dump with --no-owner --no-privileges"
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
    const UNDEFINED_TABLE: &str = "42P01";
    const INVALID_SCHEMA_NAME: &str = "3F000";
    const SYNTAX_ERROR: &str = "42601";
    let (before, migration) = (&migrations.list[..index], &migrations.list[index]);
    let folder = &migrations.folders[migration.folder];
    let layout = layouts::of(folder.layout);
    if refusal.is(ACTIVE_SQL_TRANSACTION) {
        return Some(format!("It cannot run in a transaction: {}", layout.outside));
    }
    if refusal.is(SYNTAX_ERROR) {
        let text = refusal.to_string();
        let is_template = ["\"{\"", "\"$\"", "\"%\""].iter().any(|mark| text.contains(mark));
        return is_template.then(|| format!("Has it the marks of a template? Then {OWN_PROGRAM}"));
    }
    if !refusal.is(UNDEFINED_TABLE) && !refusal.is(INVALID_SCHEMA_NAME) {
        return None;
    }
    let sets_path = before.iter().rev().find(|other| sets_path(&other.sql));
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
    let other = match folder.is_named {
        true => "as `migrations_layout` in tdata.toml says",
        false => "and `migrations_layout` in tdata.toml names another tool",
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
        assert_eq!(missing_role("type \"x\" does not exist"), None);
    }
}
