//! Where migrations make triggers.

use tdata_core::sql::{Lexer, TokenKind};

use super::migration::Migrations;
use super::place::Place;

impl Migrations {
    /// Finds where a trigger, or an event trigger, is made: the last place, since it may be made again. What files that
    /// migrations include make is not looked for.
    pub fn trigger_place(&self, name: &str) -> Option<Place> {
        self.list.iter().rev().find_map(|migration| {
            let at = made_at(&migration.sql, name)?;
            Some(Place::at(&migration.name, &migration.sql, at, ""))
        })
    }
}

/// Returns the byte of the last `CREATE … TRIGGER` of a name.
fn made_at(sql: &str, name: &str) -> Option<usize> {
    if !sql.to_ascii_lowercase().contains("trigger") {
        return None;
    }
    let is_word = |kind| matches!(kind, TokenKind::Word | TokenKind::QuotedName);
    let words: Vec<_> = Lexer::new(sql).filter(|token| is_word(token.kind)).collect();
    let text = |at: usize| words.get(at).map_or("", |token| &sql[token.start..token.end]);
    let is = |at: usize, word: &str| text(at).eq_ignore_ascii_case(word);
    let is_named = |at: usize| {
        let written = text(at);
        match written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(inner) => inner.replace("\"\"", "\"") == name,
            None => written.to_lowercase() == name,
        }
    };
    let made = (0..words.len()).rev().find(|at| {
        if !is(*at, "create") {
            return false;
        }
        let mut next = at + 1;
        next += if is(next, "or") && is(next + 1, "replace") { 2 } else { 0 };
        next += usize::from(is(next, "constraint") || is(next, "event"));
        is(next, "trigger") && is_named(next + 1)
    })?;
    words.get(made).map(|token| token.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_are_found_where_they_are_made() {
        for sql in [
            "CREATE TRIGGER stamp BEFORE INSERT ON t",
            "create or replace trigger Stamp after insert on t",
            "CREATE CONSTRAINT TRIGGER \"stamp\" AFTER INSERT ON t",
            "CREATE EVENT TRIGGER stamp ON ddl_command_end",
        ] {
            assert_eq!(made_at(&format!("-- one\n{sql}"), "stamp"), Some(7), "{sql}");
        }
        for sql in
            ["CREATE TRIGGER other ON stamp", "DROP TRIGGER stamp ON t", "-- CREATE TRIGGER stamp"]
        {
            assert_eq!(made_at(sql, "stamp"), None, "{sql}");
        }
    }
}
