//! Row-level security: the tables whose rows a role may not see, or add.

use postgres::GenericClient;
use postgres::types::Type;

/// A table with row-level security that holds for the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecuredTable {
    /// The table, by place among those that were asked for.
    pub place: usize,
    /// Whether the role owns it: then it holds only because it is forced.
    pub is_owned: bool,
    /// The names of its policies.
    pub policies: Vec<String>,
    /// The role.
    pub role: String,
}

const SECURED: &str = "\
SELECT t.at - 1 AS place, pg_has_role(r.oid, c.relowner, 'USAGE') AS is_owned, r.rolname::text AS role,
       ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid ORDER BY polname) AS policies
FROM unnest($1::text[]) WITH ORDINALITY AS t(name, at)
JOIN pg_class c ON c.oid = to_regclass(t.name) AND c.relrowsecurity
JOIN pg_roles r ON r.rolname = current_user AND NOT r.rolsuper AND NOT r.rolbypassrls
WHERE c.relforcerowsecurity OR NOT pg_has_role(r.oid, c.relowner, 'USAGE')
ORDER BY 1";

/// The tables whose row-level security holds for the role although it owns them, PostgreSQL's own left out.
const FORCED: &str = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_roles r ON r.rolname = current_user AND NOT r.rolsuper AND NOT r.rolbypassrls
WHERE c.relrowsecurity AND c.relforcerowsecurity AND pg_has_role(r.oid, c.relowner, 'USAGE')
  AND ($1 IS NULL OR n.nspname = $1)
ORDER BY 1";

/// Lists the tables of a schema, or of all of them, as SQL takes them, whose row-level security holds for the role of the session although it owns them.
///
/// # Errors
///
/// What the database refuses.
pub fn forced(
    client: &mut impl GenericClient,
    schema: Option<&str>,
) -> Result<Vec<String>, postgres::Error> {
    let rows = client.query_typed(FORCED, &[(&schema, Type::TEXT)])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Finds those of some tables, named as SQL takes them, whose row-level security holds for the role of the session.
///
/// # Errors
///
/// What the database refuses.
pub fn secured(
    client: &mut impl GenericClient,
    tables: &[String],
) -> Result<Vec<SecuredTable>, postgres::Error> {
    let rows = client.query_typed(SECURED, &[(&tables, Type::TEXT_ARRAY)])?;
    let tables = rows.iter().map(|row| SecuredTable {
        place: usize::try_from(row.get::<_, i64>("place")).unwrap_or_default(),
        is_owned: row.get("is_owned"),
        policies: row.get("policies"),
        role: row.get("role"),
    });
    Ok(tables.collect())
}
