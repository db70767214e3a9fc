//! What migrations do to their database beside the schema that they run for: extensions, publications, casts, what has the
//! name of another schema.

use tdata_core::sql::{Lexer, Token, TokenKind};

use super::migration::Migrations;

/// Things that belong to a database, by the words behind `CREATE`.
const THINGS: &[&[&str]] = &[
    &["access", "method"],
    &["cast"],
    &["event", "trigger"],
    &["extension"],
    &["foreign", "data", "wrapper"],
    &["language"],
    &["publication"],
    &["schema"],
    &["server"],
    &["subscription"],
    &["transform"],
    &["user", "mapping"],
];

/// Words between `CREATE` and the thing that say nothing of what it is.
const BESIDE: &[&str] =
    &["or", "replace", "trusted", "procedural", "unlogged", "temp", "temporary"];

/// Tells whether migrations may make or change something beside the schema that they run for, so that two schemas of one
/// database would meet. Of programs nobody knows.
pub fn touch_database(migrations: &Migrations) -> bool {
    migrations.has_program() || migrations.texts().any(|text| any_touches(&text))
}

/// Looks at what stands between two semicolons around a word that makes or changes something, also within blocks.
fn any_touches(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let places = ["create", "alter"].into_iter().flat_map(|word| lower.match_indices(word));
    places.into_iter().any(|(at, _)| touches_database(&text[at..]))
}

/// Tells whether a statement makes or changes something that is in no schema, or in one that it names.
fn touches_database(statement: &str) -> bool {
    let is_said = |token: &Token| !matches!(token.kind, TokenKind::Blank | TokenKind::Comment);
    let text = |token: &Token| statement[token.start..token.end].to_ascii_lowercase();
    let mut tokens = Lexer::new(statement).filter(is_said);
    if !tokens.next().is_some_and(|first| matches!(&*text(&first), "create" | "alter")) {
        return false;
    }
    // What stands in parentheses, or behind them, may name things of other schemas as well.
    let is_end = |token: &Token| matches!(&*text(token), "(" | ";" | "as");
    let head: Vec<Token> = tokens.take_while(|token| !is_end(token)).collect();
    let is_name = |token: &Token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName);
    let is_qualified =
        |three: &[Token]| is_name(&three[0]) && text(&three[1]) == "." && is_name(&three[2]);
    let words: Vec<String> =
        head.iter().map(text).skip_while(|word| BESIDE.contains(&word.as_str())).collect();
    let begins = |thing: &&&[&str]| {
        words.len() >= thing.len() && words.iter().zip(**thing).all(|(word, part)| word == part)
    };
    THINGS.iter().any(|thing| begins(&thing)) || head.windows(3).any(is_qualified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_to_the_database_are_found() {
        for sql in [
            "CREATE EXTENSION citext",
            "create extension if not exists \"uuid-ossp\" with schema public",
            "CREATE SCHEMA app",
            "CREATE /* x */ PUBLICATION p FOR TABLE t",
            "CREATE OR REPLACE TRUSTED LANGUAGE l HANDLER h",
            "CREATE CAST (text AS int) WITH INOUT",
            "CREATE USER MAPPING FOR CURRENT_USER SERVER s",
            "CREATE TABLE public.other (id int)",
            "CREATE UNLOGGED TABLE \"Other\" . \"t\" (id int)",
            "CREATE OR REPLACE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER TABLE app.t ADD COLUMN a int",
            "CREATE INDEX i ON public.t (a)",
            "SELECT 1; DO $$ BEGIN CREATE EXTENSION hstore; END $$",
        ] {
            assert!(any_touches(sql), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (id int DEFAULT public.f(), CHECK (pg_catalog.length('a') > 0))",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN a.b; END'",
            "CREATE VIEW v AS SELECT a.b FROM a",
            "SELECT * FROM public.t",
            "CREATE INDEX i ON t (a)",
            "CREATE TABLE schema_of_things (server text)",
        ] {
            assert!(!any_touches(sql), "{sql}");
        }
    }
}
