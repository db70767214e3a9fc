//! The roles that statements name as owners and grantees.

use tdata_core::sql::{Lexer, TokenKind};

/// Names that stand for a role that is always there.
const KNOWN: &[&str] =
    &["all", "public", "current_user", "session_user", "current_role", "default", "none"];

/// Returns the roles that a statement needs, as the owner of something, or since it gives them rights.
pub(super) fn roles_named(statement: &str) -> Vec<String> {
    let mut words = Words::of(statement);
    match words.next_word().as_deref() {
        Some("alter") => {
            let words = words.all();
            if words.iter().any(|word| word.is("rename")) {
                return Vec::new();
            }
            let mut roles = behind(&words, &["owner", "to"]);
            // What dumps of a database alone say of a role.
            if words.first().is_some_and(|word| is_role(&word.text) && !word.is_quoted)
                && words.windows(2).any(|two| two[0].is("in") && two[1].is("database"))
            {
                roles.extend(["role", "user"].iter().flat_map(|what| behind(&words[..2], &[what])));
            }
            if words.iter().any(|word| word.is("privileges")) {
                roles.extend(behind(&words, &["for", "role"]));
                roles.extend(behind(&words, &["for", "user"]));
                roles.extend(behind(&words, &["to"]));
                roles.extend(behind(&words, &["from"]));
            }
            roles
        }
        Some("grant") => behind(&words.all(), &["to"]),
        Some("revoke") => behind(&words.all(), &["from"]),
        Some("create") => {
            let words = words.all();
            match words.first() {
                Some(word) if word.is("policy") => behind(&words, &["to"]),
                Some(word) if word.is("schema") => behind(&words, &["authorization"]),
                _ => Vec::new(),
            }
        }
        Some("set") => behind(&words.all(), &["session", "authorization"]),
        Some("do") => within_block(statement),
        _ => Vec::new(),
    }
}

/// Returns the roles that the statements within a block need, but for those that it makes itself.
fn within_block(block: &str) -> Vec<String> {
    const FIRST: [&str; 5] = ["alter", "create", "grant", "revoke", "set"];
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let lower = block.to_ascii_lowercase();
    let mut places: Vec<usize> = FIRST
        .iter()
        .flat_map(|word| lower.match_indices(word).map(|(at, word)| at..at + word.len()))
        .filter(|at| !lower[..at.start].ends_with(is_word) && !lower[at.end..].starts_with(is_word))
        .map(|at| at.start)
        .collect();
    places.sort_unstable();
    let (mut named, mut made) = (Vec::new(), Vec::new());
    for at in places {
        let end = block[at..].find(';').map_or(block.len(), |length| at + length);
        let statement = &block[at..end];
        // What is put together while it runs is known only then.
        if statement.contains('%') || statement.contains("||") {
            continue;
        }
        made.extend(role_made(statement));
        named.extend(
            roles_named(statement)
                .into_iter()
                .filter(|role| !named.contains(role))
                .collect::<Vec<_>>(),
        );
    }
    named.retain(|role| !made.contains(role));
    named
}

/// Returns the role that a statement makes.
pub(super) fn role_made(statement: &str) -> Option<String> {
    match words_and_names(statement).as_slice() {
        [create, what, name, ..] if create == "create" && is_role(what) && name != "mapping" => {
            Some(name.clone())
        }
        _ => None,
    }
}

fn is_role(what: &str) -> bool {
    matches!(what, "role" | "user" | "group")
}

/// The words of a statement in lower case, and its quoted names as they are.
fn words_and_names(statement: &str) -> Vec<String> {
    let tokens = Lexer::new(statement).filter_map(|token| {
        let text = &statement[token.start..token.end];
        match token.kind {
            TokenKind::Word => Some(text.to_ascii_lowercase()),
            TokenKind::QuotedName => {
                let name = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                Some(name.unwrap_or(text).replace("\"\"", "\""))
            }
            _ => None,
        }
    });
    tokens.collect()
}

/// A word, a name or a comma, outside of parentheses.
#[derive(Debug)]
struct Word {
    text: String,
    is_quoted: bool,
}

impl Word {
    fn is(&self, word: &str) -> bool {
        !self.is_quoted && self.text == word
    }
}

/// The words of a statement, found as they are asked for.
struct Words<'a> {
    statement: &'a str,
    lexer: Lexer<'a>,
}

impl<'a> Words<'a> {
    fn of(statement: &'a str) -> Self {
        Self { statement, lexer: Lexer::new(statement) }
    }

    fn next_word(&mut self) -> Option<String> {
        let token = self
            .lexer
            .find(|token| !matches!(token.kind, TokenKind::Blank | TokenKind::Comment))?;
        let is_word = token.kind == TokenKind::Word;
        is_word.then(|| self.statement[token.start..token.end].to_ascii_lowercase())
    }

    fn all(self) -> Vec<Word> {
        let mut depth = 0_u32;
        let word = |token: tdata_core::sql::Token| {
            let text = &self.statement[token.start..token.end];
            match text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
            match token.kind {
                _ if depth > 0 => None,
                TokenKind::Word => Some(Word { text: text.to_lowercase(), is_quoted: false }),
                TokenKind::Sign if text == "," => {
                    Some(Word { text: text.to_owned(), is_quoted: false })
                }
                TokenKind::QuotedName => {
                    Some(Word { text: inner('"')?.replace("\"\"", "\""), is_quoted: true })
                }
                TokenKind::Text => {
                    Some(Word { text: inner('\'')?.replace("''", "'"), is_quoted: true })
                }
                _ => None,
            }
        };
        self.lexer.filter_map(word).collect()
    }
}

/// Returns the names, with commas between them, behind the first place of some words.
fn behind(words: &[Word], before: &[&str]) -> Vec<String> {
    let is_there =
        |place: &&[Word]| place.iter().zip(before).all(|(word, expected)| word.is(expected));
    let Some(at) = words.windows(before.len()).position(|place| is_there(&place)) else {
        return Vec::new();
    };
    let mut roles = Vec::new();
    let mut rest = words[at + before.len()..].iter();
    while let Some(word) = rest.next() {
        let word = if word.is("group") { rest.next().unwrap_or(word) } else { word };
        // Names that begin so are PostgreSQL's own.
        let is_known = (!word.is_quoted && KNOWN.contains(&word.text.as_str()))
            || word.text.starts_with("pg_");
        if !is_known {
            roles.push(word.text.clone());
        }
        if !rest.next().is_some_and(|next| next.is(",")) {
            break;
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_grantees_are_found() {
        for (sql, roles) in [
            ("ALTER TABLE public.pots OWNER TO app;", vec!["app"]),
            ("alter function f(owner int) owner to \"My App\"", vec!["My App"]),
            (
                "GRANT SELECT, INSERT (a) ON TABLE t TO app, GROUP reader WITH GRANT OPTION",
                vec!["app", "reader"],
            ),
            ("REVOKE ALL ON SCHEMA s FROM App, PUBLIC", vec!["app"]),
            (
                "ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES TO b",
                vec!["a", "b"],
            ),
            ("ALTER DEFAULT PRIVILEGES FOR USER a REVOKE ALL ON TABLES FROM b", vec!["a", "b"]),
            ("CREATE POLICY p ON t FOR SELECT TO a, b USING (to_char(x) = 'y')", vec!["a", "b"]),
            ("CREATE SCHEMA s AUTHORIZATION a", vec!["a"]),
            ("ALTER ROLE a IN DATABASE shop SET work_mem TO '3MB'", vec!["a"]),
            ("ALTER ROLE ALL IN DATABASE shop SET work_mem TO '3MB'", vec![]),
            ("ALTER ROLE a SET work_mem TO '3MB'", vec![]),
            ("SET SESSION AUTHORIZATION 'a'", vec!["a"]),
            (
                "DO $$ BEGIN GRANT SELECT ON t TO app; ALTER TABLE t OWNER TO app; END $$",
                vec!["app"],
            ),
            (
                "do language plpgsql $x$begin if true then revoke all on t from a, b; end if; end$x$",
                vec!["a", "b"],
            ),
            ("DO 'BEGIN EXECUTE ''GRANT ALL ON t TO app''; END'", vec!["app"]),
            (
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles) THEN CREATE ROLE a LOGIN; END IF; \
                 GRANT ALL ON t TO a; GRANT ALL ON t TO b; END $$",
                vec!["b"],
            ),
        ] {
            assert_eq!(roles_named(sql), roles, "{sql}");
        }
        for sql in [
            "GRANT ALL ON t TO PUBLIC",
            "GRANT pg_monitor TO CURRENT_USER",
            "ALTER TABLE t RENAME COLUMN owner TO holder",
            "INSERT INTO t VALUES ('OWNER TO app')",
            "CREATE TABLE owner (\"to\" int)",
            "SET SESSION AUTHORIZATION DEFAULT",
            "SET a TO b",
            "DO $$ BEGIN EXECUTE format('GRANT ALL ON t TO %I', name); EXECUTE 'GRANT ALL ON t TO ' || name; END $$",
            "DO $$ BEGIN granted := 'a'; UPDATE t SET a = b; END $$",
        ] {
            assert_eq!(roles_named(sql), Vec::<String>::new(), "{sql}");
        }
    }

    #[test]
    fn roles_are_known_by_name() {
        assert_eq!(role_made("CREATE ROLE Reader NOLOGIN").as_deref(), Some("reader"));
        assert_eq!(role_made("create user \"App \"\"one\"\"\"").as_deref(), Some("App \"one\""));
        assert_eq!(role_made("ALTER ROLE a"), None);
        assert_eq!(role_made("CREATE USER MAPPING FOR a SERVER s"), None);
        assert_eq!(role_made("CREATE TABLE a (b int)"), None);
    }
}
