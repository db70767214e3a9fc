//! Statements that begin and end transactions.

use super::steps::words;

/// What a statement does to the transaction it is in.
pub(super) enum Control {
    Begins,
    Ends,
}

impl Control {
    pub(super) fn of(statement: &str) -> Option<Self> {
        let words: Vec<String> = words(statement).take(4).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let chains = words.windows(2).any(|two| two == ["and", "chain"]);
        match words.as_slice() {
            ["begin", ..] | ["start", "transaction", ..] => Some(Self::Begins),
            ["commit" | "end" | "rollback" | "abort", ..] if chains => Some(Self::Begins),
            // To a savepoint the transaction goes on.
            ["rollback", "to", ..] | ["rollback", "transaction" | "work", "to", ..] => None,
            ["commit" | "end" | "rollback" | "abort", ..] | ["prepare", "transaction", ..] => {
                Some(Self::Ends)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_begin_and_end_transactions() {
        let is = |statement| match Control::of(statement) {
            Some(Control::Begins) => "begins",
            Some(Control::Ends) => "ends",
            None => "neither",
        };
        for begins in [
            "BEGIN",
            "begin isolation level serializable",
            "START TRANSACTION",
            "COMMIT AND CHAIN",
            "ROLLBACK WORK AND CHAIN",
        ] {
            assert_eq!(is(begins), "begins", "{begins}");
        }
        for ends in ["COMMIT", "END", "ROLLBACK AND NO CHAIN", "abort", "PREPARE TRANSACTION 'a'"] {
            assert_eq!(is(ends), "ends", "{ends}");
        }
        for neither in
            ["ROLLBACK TO a", "ROLLBACK WORK TO a", "SAVEPOINT a", "PREPARE p AS SELECT 1"]
        {
            assert_eq!(is(neither), "neither", "{neither}");
        }
    }
}
