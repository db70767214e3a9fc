//! Commands of `psql` in migrations.

/// What to do about a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Nothing: it only prints, or protects `psql` from the script.
    Nothing,
    /// It cannot be done; why, and what to do.
    Refused(String),
}

/// Commands that change nothing in a database.
const HARMLESS: &[&str] = &[
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
    "l",
    "p",
    "pset",
    "qecho",
    "restrict",
    "t",
    "T",
    "timing",
    "unrestrict",
    "warn",
    "x",
    "z",
];

/// Reads a command: a line from its backslash on.
pub(super) fn read(line: &str) -> Command {
    let name = line[1..].split_whitespace().next().unwrap_or_default();
    let describes =
        name.starts_with('d') && name.chars().all(|c| c.is_ascii_alphabetic() || "S+".contains(c));
    if HARMLESS.contains(&name) || describes {
        return Command::Nothing;
    }
    let reason = match name {
        "!" => "it runs a command of the shell, and tdata runs none",
        "copy" => "tdata copies no files: write COPY … FROM stdin and the rows behind it",
        "c" | "connect" => "the tables of a project are in one database: leave it out",
        _ => "psql itself would do it, and tdata does not: leave it out, or write it in SQL",
    };
    Command::Refused(format!("\\{name} is a command of psql; {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_prints_is_passed_over() {
        for line in
            ["\\restrict k", "\\unrestrict k", "\\echo done", "\\dt+", "\\d users", "\\timing on"]
        {
            assert_eq!(read(line), Command::Nothing, "{line}");
        }
        for line in ["\\! ls", "\\connect db", "\\copy t from 'f'", "\\gexec", "\\", "\\i f"] {
            assert!(matches!(read(line), Command::Refused(_)), "{line}");
        }
    }
}
