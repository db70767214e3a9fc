//! Names the triggers that may be what stands in the way of rows.

use postgres::error::DbError;

use crate::catalog::{Trigger, TriggerOf};
use crate::migrate::Migrations;
use crate::refusal::Refusal;

/// What can be done about a trigger that stands in the way.
pub(super) const REMEDY: &str = "let triggers rest while tdata loads: triggers = \"off\" in tdata.toml; or leave the dataset out";

/// PostgreSQL's code where a setting of the project's own is asked for and not set.
const UNKNOWN_SETTING: &str = "42704";

/// The triggers around a load, and where they come from.
pub(super) struct Causes<'a> {
    pub(super) triggers: Vec<Trigger>,
    pub(super) migrations: &'a Migrations,
}

impl Causes<'_> {
    /// Explains an error by the triggers of a table, by place, or by those of the database. Without a place all tables
    /// count.
    pub(super) fn explain(&self, error: postgres::Error, place: Option<usize>) -> Refusal {
        let said = error.as_db_error().and_then(|error| self.of(error, place));
        let refusal = Refusal::from(error);
        match said {
            Some(said) => refusal.with_advice(&said),
            None => refusal,
        }
    }

    fn of(&self, error: &DbError, place: Option<usize>) -> Option<String> {
        let lines = functions_of(error.where_().unwrap_or_default());
        // What was called last comes first: that which the trigger calls itself is behind it.
        let fired = lines.iter().rev().find_map(|line| {
            let is_it = |trigger: &&Trigger| trigger.fires() && names(line, &trigger.function_name);
            let of_table = self.of_table(place).find(is_it);
            of_table.or_else(|| self.of_database().find(is_it))
        });
        let code = error.code().code();
        let setting = unknown_setting(error);
        let session = match &setting {
            Some(name) => format!(
                "Set what it reads: [session_settings] in tdata.toml, as in \"{name}\" = \"…\"; or "
            ),
            None => {
                "What it reads of its session can be set: [session_settings] in tdata.toml; or "
                    .to_owned()
            }
        };
        if let Some(trigger) = fired {
            let deeper = lines.first().filter(|line| !names(line, &trigger.function_name));
            let deeper = deeper.and_then(|line| called(line));
            let deeper = deeper.map(|name| format!(", which came to {name}")).unwrap_or_default();
            let described = sentence(&self.described(trigger));
            return Some(format!("{described} did this{deeper}.\n{session}{REMEDY}"));
        }
        if setting.is_some() {
            return Some(format!("{}leave out what reads it", session));
        }
        // Functions that are not written in a language of the database leave no trace.
        let may_be = code.starts_with("42") || code.starts_with("P0") || code.starts_with("39");
        let firing: Vec<String> = self
            .of_table(place)
            .filter(|trigger| {
                may_be && place.is_some() && trigger.fires() && fires_on_insert(trigger)
            })
            .map(|trigger| self.described(trigger))
            .collect();
        if !firing.is_empty() {
            return Some(format!("It may be {}.\n{session}{REMEDY}", firing.join(", or ")));
        }
        // What was called first comes last.
        let function = lines.last().and_then(|line| called(line)).filter(|_| place.is_some())?;
        Some(format!(
            "The function {function} did this. A default, a CHECK constraint, a generated column or an index calls it.\n\
             {session}let the fields make only values that it takes"
        ))
    }

    /// Describes those triggers of a table that fire when rows are added to it.
    pub(super) fn of_inserts(&self, place: usize) -> Vec<String> {
        let firing = |trigger: &&Trigger| trigger.fires() && fires_on_insert(trigger);
        self.of_table(Some(place)).filter(firing).map(|trigger| self.described(trigger)).collect()
    }

    /// Returns the place of the table whose trigger a deferred check names.
    pub(super) fn place_of(&self, error: &postgres::Error) -> Option<usize> {
        let error = error.as_db_error()?;
        let lines = functions_of(error.where_().unwrap_or_default());
        lines.iter().rev().find_map(|line| {
            let mut all = self.of_table(None);
            let trigger = all.find(|trigger| names(line, &trigger.function_name))?;
            match &trigger.of {
                TriggerOf::Table { place, .. } => Some(*place),
                TriggerOf::Database => None,
            }
        })
    }

    fn of_table(&self, wanted: Option<usize>) -> impl Iterator<Item = &Trigger> {
        self.triggers.iter().filter(move |trigger| match &trigger.of {
            TriggerOf::Table { place, .. } => wanted.is_none_or(|wanted| wanted == *place),
            TriggerOf::Database => false,
        })
    }

    fn of_database(&self) -> impl Iterator<Item = &Trigger> {
        self.triggers.iter().filter(|trigger| trigger.of == TriggerOf::Database)
    }

    /// Names a trigger, what it is a trigger of, its function, and where a migration makes it.
    pub(super) fn described(&self, trigger: &Trigger) -> String {
        let Trigger { name, function, of, .. } = trigger;
        let place = self.migrations.trigger_place(name);
        let place = place.map(|place| format!(", {}:{}", place.name, place.line));
        let of = match of {
            TriggerOf::Table { name: table, .. } => {
                format!("the trigger `{name}` of the table {table}")
            }
            TriggerOf::Database => format!("the event trigger `{name}`"),
        };
        format!("{of} (its function is {function}{})", place.unwrap_or_default())
    }
}

/// Begins a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    let first = signs.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(signs).collect()
}

fn fires_on_insert(trigger: &Trigger) -> bool {
    matches!(trigger.of, TriggerOf::Table { on_insert: true, .. })
}

/// Returns the lines of a context that name functions; others quote statements, and rows.
fn functions_of(context: &str) -> Vec<&str> {
    let is_function = |line: &&str| line.starts_with("PL/") || line.starts_with("SQL function");
    context.lines().filter(is_function).collect()
}

/// Tells whether a line of a context is about a function: `PL/pgSQL function app.stamp() line 3 at RAISE`, or
/// `PL/Perl function "stamp"`, in whatever language the server speaks.
fn names(line: &str, function: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    line.match_indices(function).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + function.len()..].chars().next();
        before.is_some_and(|c| !is_name(c)) && behind.is_none_or(|c| matches!(c, '(' | '"' | ' '))
    })
}

/// Returns the function that a line of a context is about.
fn called(line: &str) -> Option<&str> {
    let (_, behind) = line.split_once(" function ")?;
    let end = behind.find(" line ").or_else(|| behind.find(" statement ")).unwrap_or(behind.len());
    let name = &behind[..end];
    (!name.is_empty() && !name.contains("inline_code_block")).then_some(name)
}

/// Returns the setting of the project's own that was asked for and is not set.
fn unknown_setting(error: &DbError) -> Option<String> {
    let name =
        error.message().split('"').nth(1).filter(|_| error.code().code() == UNKNOWN_SETTING)?;
    let is_setting = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
    (name.contains('.')
        && name.chars().all(is_setting)
        && error.message().contains("configuration"))
    .then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_in_contexts() {
        let context = "SQL statement \"INSERT INTO stamp() VALUES (1)\"\n\
                       PL/pgSQL function app.make_profile() line 3 at SQL statement\nCOPY members, line 1: \"stamp()\"";
        let lines = functions_of(context);
        assert_eq!(lines.len(), 1);
        assert!(
            names(lines[0], "make_profile")
                && !names(lines[0], "profile")
                && !names(lines[0], "stamp")
        );
        assert_eq!(called(lines[0]), Some("app.make_profile()"));
        assert!(names("PL/Perl function \"stamp\"", "stamp"));
        assert!(names("PL/pgSQL-Funktion stamp() Zeile 3 bei RAISE", "stamp"));
        assert_eq!(called("PL/pgSQL function inline_code_block line 1 at RAISE"), None);
    }
}
