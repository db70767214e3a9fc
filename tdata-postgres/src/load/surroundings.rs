//! What a load finds in its session and its database, made as it must be.

use postgres::Transaction;
use tdata_core::sql::{Lexer, TokenKind, quote_identifier};

const ASK: &str = "SELECT current_schema() IS NULL, current_setting('search_path'), \
                   current_setting('session_replication_role') = 'origin'";

/// Lets foreign keys and triggers do their work, whatever the role sets; and where the `search_path` leads to no schema,
/// makes the first one that it names.
pub(super) fn prepare(transaction: &mut Transaction<'_>) -> Result<(), postgres::Error> {
    let found = transaction.query_one(ASK, &[])?;
    let (leads_nowhere, path, is_origin): (bool, String, bool) =
        (found.get(0), found.get(1), found.get(2));
    if !is_origin {
        transaction.batch_execute("SET LOCAL session_replication_role = origin")?;
    }
    if leads_nowhere {
        let sql = match first_schema(&path) {
            Some(schema) => format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(&schema)),
            // It stays so while the rows are checked.
            None => "SET search_path = public".to_owned(),
        };
        transaction.batch_execute(&sql)?;
    }
    Ok(())
}

/// Returns the first schema of a path that may be made.
fn first_schema(path: &str) -> Option<String> {
    let mut names = Lexer::new(path).filter_map(|token| {
        let text = &path[token.start..token.end];
        match token.kind {
            TokenKind::Word => Some(text.to_owned()),
            TokenKind::QuotedName => Some(text[1..text.len() - 1].replace("\"\"", "\"")),
            _ => None,
        }
    });
    names.find(|name| !name.is_empty() && name != "$user" && !name.starts_with("pg_"))
}

#[cfg(test)]
mod tests {
    use super::first_schema;

    #[test]
    fn a_path_names_schemas() {
        assert_eq!(first_schema("\"$user\", app, public").as_deref(), Some("app"));
        assert_eq!(first_schema("\"My App\"").as_deref(), Some("My App"));
        assert_eq!(first_schema("\"a,\"\"b\", c").as_deref(), Some("a,\"b"));
        assert_eq!(first_schema("pg_catalog"), None);
        assert_eq!(first_schema("\"\""), None);
        assert_eq!(first_schema(""), None);
    }
}
