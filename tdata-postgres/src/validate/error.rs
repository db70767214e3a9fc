//! What validation finds.

use std::fmt;

use tdata_core::diagnostic::in_lines;

use crate::refusal::Refusal;

/// How many row indices a message shows.
const SHOWN: usize = 5;

/// What validation finds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// Rows that do not satisfy their constraints, or constraints that PostgreSQL cannot read.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Violations(Vec<Violation>),
    /// The scan failed.
    #[error("the rows of the dataset `{dataset}` cannot be checked: {refusal}")]
    Scan {
        /// The dataset.
        dataset: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
}

/// A constraint that does not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The dataset.
    pub dataset: String,
    /// Where the constraint stands: file and line, where it is the definition's own.
    pub place: Option<String>,
    /// The constraint, as written.
    pub constraint: String,
    /// What its definition says about it.
    pub description: Option<String>,
    /// Whether the indices of rows count those of the table, as rows came there in another order than the dataset has.
    pub of_table: bool,
    /// What was found.
    pub finding: Finding,
}

impl ValidateError {
    /// Says that rows came to their tables in another order than their datasets have, or that not all of them did.
    #[must_use]
    pub fn of_tables(mut self) -> Self {
        if let Self::Violations(violations) = &mut self {
            violations.iter_mut().for_each(|violation| violation.of_table = true);
        }
        self
    }
}

/// What was found about a constraint.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Rows that violate it.
    Rows {
        /// How many.
        count: u64,
        /// The indices of the first of them, from 0: a hundred at the most.
        first: Vec<u64>,
    },
    /// Another number of rows than planned.
    Count {
        /// The number planned.
        planned: u64,
        /// The number found.
        found: u64,
    },
    /// A constraint that PostgreSQL cannot read.
    Unreadable(Refusal),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Definitions may write anything.
        let (dataset, constraint) = (&self.dataset, in_lines(&self.constraint));
        match &self.finding {
            Finding::Rows { count, first } => {
                let rows = if *count == 1 { "row violates" } else { "rows violate" };
                write!(f, "{count} {rows} `{constraint}` of the dataset `{dataset}`")?;
                let first = &first[..first.len().min(SHOWN)];
                let more = if *count > first.len() as u64 { ", ..." } else { "" };
                let index = if *count == 1 { "row index" } else { "row indices" };
                let first: Vec<String> = first.iter().map(ToString::to_string).collect();
                // Where it judges a row otherwise each time, none may be left.
                if !first.is_empty() {
                    write!(f, ": {index} {}{more}", first.join(", "))?;
                    if self.of_table {
                        f.write_str(", counted in the table, which has the rows in another order")?;
                    }
                }
            }
            Finding::Count { planned, found } => {
                write!(f, "the dataset `{dataset}` has {found} rows instead of {planned}")?;
            }
            Finding::Unreadable(refusal) => {
                write!(
                    f,
                    "PostgreSQL cannot judge `{constraint}` of the dataset `{dataset}`: {refusal}"
                )?;
            }
        }
        if let Some(description) = &self.description {
            write!(f, "\n  {}", in_lines(description))?;
        }
        if let Some(place) = &self.place {
            write!(f, "\n  at {place}")?;
        }
        match self.finding {
            Finding::Rows { .. } => f.write_str(
                "\n  Let the generators of its fields make only what it allows, or change it",
            ),
            Finding::Count { .. } => f.write_str(
                "\n  A trigger or a rule of the database may have done this: triggers = \"off\" in tdata.toml lets triggers rest",
            ),
            Finding::Unreadable(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_shown_as_text() {
        let violation = Violation {
            dataset: "tags".into(),
            place: None,
            constraint: "id > 0 -- \u{1b}[2J".into(),
            description: Some("\u{202e}few".into()),
            of_table: false,
            finding: Finding::Rows { count: 1, first: vec![3] },
        };
        let told = violation.to_string();
        assert!(!told.contains("in the table"), "{told}");
        assert!(told.contains("`id > 0 -- \\u{1b}[2J`") && told.contains("\\u{202e}few"), "{told}");
    }
}
