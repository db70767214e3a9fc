//! Runs migrations.

use postgres::error::ErrorPosition;
use postgres::{Client, SimpleQueryMessage};

use super::error::MigrateError;
use super::layout::Migration;
use super::statements::{split, uncommented};

/// Runs the migrations in order, each in a transaction of its own unless it says otherwise.
pub fn run(client: &mut Client, migrations: &[Migration]) -> Result<(), MigrateError> {
    for migration in migrations {
        if migration.no_transaction {
            for (offset, statement) in split(&migration.sql) {
                execute(client, migration, offset, statement)?;
            }
        } else {
            // Several statements in one message are one transaction.
            execute(client, migration, 0, &migration.sql)?;
        }
        check_ended(client, migration)?;
        // Dumps and the like set things for their session; the next one starts afresh.
        execute(client, migration, 0, "RESET ALL; RESET ROLE")?;
    }
    Ok(())
}

/// Refuses a migration that leaves a transaction open: with the connection everything in it would be rolled back.
fn check_ended(client: &mut Client, migration: &Migration) -> Result<(), MigrateError> {
    // Outside of a transaction each message begins its own, at its own time.
    let is_over = "SELECT 1 WHERE now() = statement_timestamp()";
    let failed = |error: postgres::Error| MigrateError::Failed {
        name: migration.name.clone(),
        line: None,
        refusal: error.into(),
    };
    let answer = client.simple_query(is_over).map_err(failed)?;
    if !answer.iter().any(|message| matches!(message, SimpleQueryMessage::Row(_))) {
        let begun = split(&migration.sql).into_iter().rfind(|(_, statement)| begins(statement));
        let line = begun.map(|(offset, _)| line_at(&migration.sql, offset));
        return Err(MigrateError::Open { name: migration.name.clone(), line });
    }
    Ok(())
}

/// Tells whether a statement begins a transaction.
fn begins(statement: &str) -> bool {
    let mut words = uncommented(statement).split(|c: char| !c.is_ascii_alphabetic());
    let first = words.next().unwrap_or_default();
    first.eq_ignore_ascii_case("begin") || first.eq_ignore_ascii_case("start")
}

/// Returns the line of a place in a text, from 1.
fn line_at(sql: &str, offset: usize) -> usize {
    sql[..offset].matches('\n').count() + 1
}

fn execute(
    client: &mut Client,
    migration: &Migration,
    offset: usize,
    sql: &str,
) -> Result<(), MigrateError> {
    client.batch_execute(sql).map_err(|error| {
        let position = match error.as_db_error().and_then(|refused| refused.position()) {
            Some(ErrorPosition::Original(position)) => Some(*position as usize),
            _ => None,
        };
        let line = position.map(|position| {
            // PostgreSQL counts characters, from 1.
            let before = sql.chars().take(position.saturating_sub(1));
            let lines_in_statement = before.filter(|c| *c == '\n').count();
            line_at(&migration.sql, offset) + lines_in_statement
        });
        MigrateError::Failed { name: migration.name.clone(), line, refusal: error.into() }
    })
}
