//! What migrations set for their session, and when it ends.

use postgres::Client;

use super::layouts::Settings;

/// Ends all that a session was told.
const ALL_ENDS: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL";

/// Tells whether a text says in which schemas names are looked up.
pub(super) fn sets_path(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    sql.contains("search_path") || sql.contains("set schema '")
}

/// Ends what a migration set for its session, as far as `settings` says. `is_one_schema` says whether all tables are in
/// one schema.
pub(super) fn end(
    client: &mut Client,
    sql: &str,
    settings: Settings,
    is_one_schema: bool,
) -> Result<(), postgres::Error> {
    if settings == Settings::EndWithFile {
        return client.batch_execute(ALL_ENDS);
    }
    if settings == Settings::LastWithoutRole {
        client.batch_execute("RESET SESSION AUTHORIZATION; RESET ROLE")?;
    }
    // A command of psql may run another file that sets it.
    let may_set = sets_path(sql) || sql.contains('\\');
    // Under an empty path no tool finds its own table: no project lives on with it. Where all tables are in one
    // schema, it is the path that leads there.
    if may_set && (is_one_schema || has_empty_path(client)?) {
        client.batch_execute("RESET search_path")?;
    }
    Ok(())
}

fn has_empty_path(client: &mut Client) -> Result<bool, postgres::Error> {
    let row = client.query_one("SHOW search_path", &[])?;
    Ok(matches!(row.get(0), "" | "\"\""))
}
