//! `\if` and its kin.

/// The branches that a script is in.
#[derive(Debug, Default)]
pub(in crate::migrate) struct Conditions(Vec<Branch>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Branch {
    /// What stands here runs.
    Taken,
    /// The condition did not hold; one that follows may.
    NotYet,
    /// Another branch was taken, or all around does not run.
    Over,
    Else {
        runs: bool,
    },
}

impl Conditions {
    /// Tells whether what stands here runs.
    pub(in crate::migrate) fn runs(&self) -> bool {
        self.0.iter().all(|branch| matches!(branch, Branch::Taken | Branch::Else { runs: true }))
    }

    /// Tells whether an `\if` has no `\endif` so far.
    pub(in crate::migrate) fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Tells whether a condition here matters.
    pub(in crate::migrate) fn asks_elif(&self) -> bool {
        self.0.last() == Some(&Branch::NotYet)
    }

    pub(in crate::migrate) fn begin(&mut self, holds: bool) {
        let branch = match self.runs() {
            true if holds => Branch::Taken,
            true => Branch::NotYet,
            false => Branch::Over,
        };
        self.0.push(branch);
    }

    pub(in crate::migrate) fn elif(&mut self, holds: bool) -> Result<(), String> {
        let branch = match self.last("\\elif")? {
            Branch::Else { .. } => return Err("\\elif stands behind \\else".to_owned()),
            Branch::NotYet if holds => Branch::Taken,
            Branch::NotYet => Branch::NotYet,
            Branch::Taken | Branch::Over => Branch::Over,
        };
        self.0.push(branch);
        Ok(())
    }

    pub(in crate::migrate) fn otherwise(&mut self) -> Result<(), String> {
        let branch = match self.last("\\else")? {
            Branch::Else { .. } => return Err("\\else stands behind \\else".to_owned()),
            branch => Branch::Else { runs: branch == Branch::NotYet },
        };
        self.0.push(branch);
        Ok(())
    }

    pub(in crate::migrate) fn end(&mut self) -> Result<(), String> {
        self.last("\\endif").map(|_| ())
    }

    fn last(&mut self, command: &str) -> Result<Branch, String> {
        self.0.pop().ok_or_else(|| format!("{command} stands behind no \\if"))
    }
}

/// Reads a truth value as `psql` does.
pub(in crate::migrate) fn holds(text: &str) -> Result<bool, String> {
    let text = text.trim().to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    if begins("true", 1) || begins("yes", 1) || text == "on" || text == "1" {
        return Ok(true);
    }
    if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" {
        return Ok(false);
    }
    Err("its condition is neither true nor false; psql's conditions are words such as `true` or `off`, and \
         variables: ask the database before it, with \\gset"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_branch_runs() {
        for (first, second, runs) in [
            (true, true, [true, false, false]),
            (false, true, [false, true, false]),
            (false, false, [false, false, true]),
        ] {
            let mut conditions = Conditions::default();
            conditions.begin(first);
            let mut ran = vec![conditions.runs()];
            conditions.elif(second).unwrap();
            ran.push(conditions.runs());
            conditions.otherwise().unwrap();
            ran.push(conditions.runs());
            assert!(conditions.elif(true).is_err());
            assert_eq!(ran, runs);
        }
    }

    #[test]
    fn nothing_runs_within_what_does_not() {
        let mut conditions = Conditions::default();
        conditions.begin(false);
        conditions.begin(true);
        assert!(!conditions.runs());
        conditions.otherwise().unwrap();
        assert!(!conditions.runs());
        conditions.end().unwrap();
        conditions.otherwise().unwrap();
        assert!(conditions.runs() && conditions.is_open());
        conditions.end().unwrap();
        assert!(!conditions.is_open());
        assert!(conditions.end().is_err());
    }

    #[test]
    fn words_are_truth_values() {
        for word in ["true", "T", "yes", "on", "1", "tr"] {
            assert_eq!(holds(word), Ok(true), "{word}");
        }
        for word in ["false", "n", "off", "of", "0"] {
            assert_eq!(holds(word), Ok(false), "{word}");
        }
        for word in ["", "o", "2", ":x", "maybe"] {
            assert!(holds(word).is_err(), "{word}");
        }
    }
}
