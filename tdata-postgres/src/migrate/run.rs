//! Runs migrations.

use postgres::Client;
use postgres::error::ErrorPosition;

use super::error::MigrateError;
use super::layout::Migration;
use super::statements::split;

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
        // Dumps and the like set things for their session; the next one starts afresh.
        execute(client, migration, 0, "RESET ALL; RESET ROLE")?;
    }
    Ok(())
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
            migration.sql[..offset].matches('\n').count() + lines_in_statement + 1
        });
        MigrateError::Failed { name: migration.name.clone(), line, refusal: error.into() }
    })
}
