//! The commands of `psql`: which are done, which need not be, and which cannot.

/// What to do about a command, with what stands behind its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::migrate) enum Command<'a> {
    /// It only prints, or protects `psql` from the script.
    Nothing,
    /// `\set`.
    Set(&'a str),
    /// `\unset`.
    Unset(&'a str),
    /// `\i` or, from the folder of the file that it is in, `\ir`.
    Include { file: &'a str, is_relative: bool },
    /// `\if`.
    If(&'a str),
    /// `\elif`.
    Elif(&'a str),
    /// `\else`.
    Else,
    /// `\endif`.
    EndIf,
    /// `\g`: the statement before it runs.
    Run,
    /// `\gexec`: each value of the statement's result is a statement.
    RunResult,
    /// `\gset`: the statement's row is put into variables.
    KeepResult(&'a str),
    /// `\r`: the statement before it does not run.
    Forget,
    /// `\copy`.
    Copy(&'a str),
    /// `\connect`.
    Connect(&'a str),
    /// `\q`.
    Quit,
    /// It cannot be done; why, and what to do.
    Refused(String),
}

/// Commands that change nothing in a database.
const HARMLESS: &[&str] = &[
    "?",
    "a",
    "C",
    "conninfo",
    "copyright",
    "echo",
    "encoding",
    "errverbose",
    "f",
    "h",
    "H",
    "help",
    "html",
    "l",
    "l+",
    "list",
    "p",
    "print",
    "pset",
    "qecho",
    "restrict",
    "s",
    "sf",
    "sf+",
    "sv",
    "sv+",
    "t",
    "T",
    "timing",
    "unrestrict",
    "warn",
    "x",
    "z",
];

/// Reads a command: a line from its backslash on.
pub(in crate::migrate) fn command(line: &str) -> Command<'_> {
    let line = &line[1..];
    let (name, behind) = line.split_at(line.find(char::is_whitespace).unwrap_or(line.len()));
    let behind = behind.trim();
    match name {
        "set" => Command::Set(behind),
        "unset" => Command::Unset(behind),
        "i" | "include" => Command::Include { file: behind, is_relative: false },
        "ir" | "include_relative" => Command::Include { file: behind, is_relative: true },
        "if" => Command::If(behind),
        "elif" => Command::Elif(behind),
        "else" => Command::Else,
        "endif" => Command::EndIf,
        "g" | "gx" if behind.is_empty() || is_in_parentheses(behind) => Command::Run,
        "crosstabview" => Command::Run,
        "gexec" => Command::RunResult,
        "gset" => Command::KeepResult(behind),
        "r" | "reset" => Command::Forget,
        "copy" => Command::Copy(behind),
        "c" | "connect" => Command::Connect(behind),
        "q" | "quit" => Command::Quit,
        "o" | "out" if behind.is_empty() => Command::Nothing,
        _ if HARMLESS.contains(&name) || describes(name) => Command::Nothing,
        _ => Command::Refused(format!("\\{name} is a command of psql; {}", advice(name))),
    }
}

/// `\d`, `\dt+` and the like.
fn describes(name: &str) -> bool {
    name.starts_with('d') && name.chars().all(|c| c.is_ascii_alphabetic() || "S+".contains(c))
}

/// Settings of how `\g` prints.
fn is_in_parentheses(text: &str) -> bool {
    text.starts_with('(') && text.ends_with(')')
}

fn advice(name: &str) -> &'static str {
    match name {
        "!" => {
            "it runs a command of the shell, and tdata runs none: leave it out, and do its work in SQL"
        }
        "setenv" | "getenv" => "tdata's migrations have no environment: write the value with \\set",
        "prompt" => "nobody is there to answer: write the value with \\set",
        "password" => "nobody is there to answer: write ALTER ROLE … PASSWORD '…'",
        "g" | "gx" | "o" | "out" | "w" | "write" => {
            "it writes into a file, and tdata writes none: leave the file's name out; what a query writes as SQL \
             runs with \\gexec"
        }
        "watch" => "it runs a query again and again: leave it out",
        "e" | "edit" | "ef" | "ev" => "it opens an editor: leave it out",
        "gdesc" => "it describes a query and does not run it: leave both out",
        "bind" | "bind_named" | "parse" | "close_prepared" => {
            "tdata sends statements whole: write the values into it, or use PREPARE and EXECUTE"
        }
        "cd" => {
            "tdata finds files from the project's folder (\\i) or from that of the file itself (\\ir): leave it out"
        }
        _ if name.starts_with("lo_") => "write it in SQL: lo_from_bytea, lo_put, lo_unlink",
        _ => "tdata does not know it: leave it out, or write it in SQL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_prints_is_passed_over() {
        for line in [
            "\\restrict k",
            "\\unrestrict k",
            "\\echo done",
            "\\dt+",
            "\\d users",
            "\\timing on",
            "\\o",
            "\\pset x 1",
            "\\encoding UTF8",
        ] {
            assert_eq!(command(line), Command::Nothing, "{line}");
        }
    }

    #[test]
    fn what_can_be_done_is_known() {
        assert_eq!(command("\\set a  b"), Command::Set("a  b"));
        assert_eq!(
            command("\\ir 'a.sql'"),
            Command::Include { file: "'a.sql'", is_relative: true }
        );
        assert_eq!(command("\\gset p_"), Command::KeepResult("p_"));
        assert_eq!(command("\\g (format=csv)"), Command::Run);
        assert_eq!(command("\\c - app"), Command::Connect("- app"));
    }

    #[test]
    fn what_cannot_be_done_is_told_with_advice() {
        for (line, advice) in [
            ("\\! ls", "a command of the shell"),
            ("\\setenv A b", "write the value with \\set"),
            ("\\g out.txt", "runs with \\gexec"),
            ("\\o out.txt", "leave the file's name out"),
            ("\\lo_import f", "lo_from_bytea"),
            ("\\password", "ALTER ROLE"),
            ("\\watch 5", "again and again"),
            ("\\prompt x", "nobody is there"),
            ("\\nonsense", "tdata does not know it"),
        ] {
            let Command::Refused(told) = command(line) else { panic!("{line}") };
            assert!(told.contains(advice), "{told}");
        }
    }
}
