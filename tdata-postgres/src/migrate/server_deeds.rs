//! What migrations do to the server as a whole: roles, their settings and memberships, other databases.

use super::migration::Migrations;
use super::roles::roles_named;

/// What becomes of statements that do something to the server as a whole, such as making a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDeeds {
    /// They run.
    Done,
    /// They run, but for those that make a role that exists: on a server that is not ours.
    DoneUnlessRolesExist,
    /// They have run on this server before: what they make may be there, and what they need may be gone.
    Repeated,
}

/// Kinds of things that belong to a server.
const THINGS: &[&str] =
    &["role", "user", "group", "database", "tablespace", "subscription", "system"];

/// Tells whether migrations may do something to the server: also within functions and blocks, and where text only looks
/// like it. They do it once on a server of their own. So do those that name roles, since the roles may be made for them,
/// and programs, of which nobody knows what they do.
pub fn touch_server(migrations: &Migrations) -> bool {
    migrations.has_program()
        || migrations.texts().any(|text| touches_server(&text) || names_roles(&text))
}

/// Looks only at what stands between two semicolons around a word that comes with roles: dumps are long.
fn names_roles(text: &str) -> bool {
    /// The superuser of our servers, and the usual one elsewhere.
    const SUPERUSER: &str = "postgres";
    const SIGNS: [&str; 5] = ["owner", "grant", "revoke", "authorization", "policy"];
    let lower = text.to_ascii_lowercase();
    let places = SIGNS.iter().flat_map(|sign| lower.match_indices(sign));
    places.into_iter().any(|(at, _)| {
        let start = text[..at].rfind(';').map_or(0, |end| end + 1);
        let end = text[at..].find(';').map_or(text.len(), |length| at + length);
        roles_named(&text[start..end]).iter().any(|role| role != SUPERUSER)
    })
}

/// Tells whether a text may do something to the server.
pub(super) fn touches_server(sql: &str) -> bool {
    let text = sql.to_ascii_lowercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_deed = |at: usize| is_deed(&words[at..]);
    is_of_server(&words) || (1..words.len()).any(|at| is_deed(at - 1))
}

/// User mappings belong to a database.
fn is_deed(words: &[&str]) -> bool {
    matches!(words[0], "create" | "alter" | "drop")
        && THINGS.contains(&words[1])
        && words.get(1..3) != Some(&["user", "mapping"])
}

/// Finds deeds of other words.
fn is_of_server(words: &[&str]) -> bool {
    let is = |pair: [&str; 2]| words.windows(2).any(|two| two == pair);
    let says = ["role", "database", "tablespace", "subscription"];
    is(["reassign", "owned"])
        || words.windows(3).any(|three| three[..2] == ["comment", "on"] && says.contains(&three[2]))
        || is_membership(words)
}

/// `GRANT reader TO writer`: nothing stands between that says what on.
fn is_membership(words: &[&str]) -> bool {
    let grants = words.iter().enumerate().filter(|(_, word)| matches!(**word, "grant" | "revoke"));
    grants.into_iter().any(|(at, _)| {
        let rest = &words[at..];
        let end = rest.iter().position(|word| matches!(*word, "to" | "from"));
        end.is_some_and(|end| end < 12 && !rest[..end].contains(&"on"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_to_the_server_are_found_wherever_they_stand() {
        for sql in [
            "CREATE ROLE reader;",
            "create user app with password 'x'",
            "DO $$ BEGIN IF true THEN CREATE  ROLE\nreader; END IF; END $$",
            "ALTER ROLE CURRENT_USER SET search_path = shop",
            "GRANT reader TO writer",
            "REVOKE reader FROM writer",
            "ALTER SYSTEM SET jit = off",
            "CREATE DATABASE other",
            "COMMENT ON ROLE reader IS 'so'",
            "REASSIGN OWNED BY a TO b",
        ] {
            assert!(touches_server(sql), "{sql}");
        }
        for sql in [
            "CREATE TABLE roles (role text, \"user\" text)",
            "GRANT SELECT ON users TO PUBLIC; GRANT USAGE ON SCHEMA s TO PUBLIC",
            "ALTER TABLE users ADD COLUMN role text",
            "COMMENT ON TABLE users IS 'so'",
            "CREATE USER MAPPING FOR PUBLIC SERVER s",
        ] {
            assert!(!touches_server(sql), "{sql}");
        }
    }

    #[test]
    fn roles_that_are_named_are_found() {
        for sql in
            ["CREATE TABLE t (a int); ALTER TABLE t OWNER TO app", "GRANT SELECT ON t TO app"]
        {
            assert!(names_roles(sql), "{sql}");
        }
        for sql in [
            "GRANT SELECT ON users TO PUBLIC; GRANT USAGE ON SCHEMA s TO PUBLIC",
            "ALTER TABLE users OWNER TO postgres",
        ] {
            assert!(!names_roles(sql), "{sql}");
        }
    }
}
