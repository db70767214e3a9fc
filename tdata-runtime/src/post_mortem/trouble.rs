//! Why something of a post-mortem cannot be had.

use std::fmt;

use postgres::error::SqlState;
use tdata_core::diagnostic::in_a_line;
use tdata_postgres::Refusal;

/// Why something of a post-mortem cannot be had.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Somebody holds a lock on it.
    Locked,
    /// It takes too long.
    OutOfTime,
    /// The transaction that it is in has failed.
    TransactionFailed,
    /// The transaction that it was in has ended.
    TransactionEnded,
    /// The one connection that sees it is in use.
    InUse,
    /// The data are released.
    Released,
    /// Something else is in the way.
    Other(String),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        let is = |state: &SqlState| refusal.is(state.code());
        if is(&SqlState::LOCK_NOT_AVAILABLE) {
            Self::Locked
        } else if is(&SqlState::QUERY_CANCELED) {
            Self::OutOfTime
        } else if is(&SqlState::IN_FAILED_SQL_TRANSACTION) {
            Self::TransactionFailed
        } else if is(&SqlState::NO_ACTIVE_SQL_TRANSACTION) {
            Self::TransactionEnded
        } else {
            Self::Other(refusal.to_string())
        }
    }
}

impl From<postgres::Error> for Trouble {
    fn from(error: postgres::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<crate::error::Error> for Trouble {
    fn from(error: crate::error::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        // A copy's errors come in this guise, and may quote rows.
        match error.downcast::<postgres::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::Other(error.to_string()),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = match self {
            Self::Locked => "somebody holds a lock on it",
            Self::OutOfTime => "reading it takes too long",
            Self::TransactionFailed => {
                "a statement of the test failed, and PostgreSQL shows nothing of a failed transaction"
            }
            Self::TransactionEnded => "the test ended its transaction, and what was in it is gone",
            Self::InUse => "a thread of the test still has the connection",
            Self::Released => "the data are released",
            Self::Other(reason) => return f.write_str(&in_a_line(reason)),
        };
        f.write_str(told)
    }
}
