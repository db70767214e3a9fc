//! What a clone was like when it was handed out.

use super::state::{Inspection, State};
use crate::notation::noted;

/// What a clone was like when it was handed out.
#[derive(Debug)]
pub(in crate::isolate) struct Mark {
    pub(super) state: State,
    /// What its user stores has this transaction's number or a higher one.
    pub(super) next_transaction: i64,
}

noted! {
    Mark { state, next_transaction }
}

impl Mark {
    /// Rows tell only the lower half of their transaction's number. Servers of tests do not get that far.
    const LAST_TRANSACTION: i64 = (1 << 31) - 1;

    /// Marks a clone as it is; `None` where what its next user stores could not be told from what is there.
    pub(super) fn of(inspection: Inspection) -> Option<Self> {
        let Inspection { state, next_transaction, .. } = inspection;
        let is_usable = next_transaction < Self::LAST_TRANSACTION;
        is_usable.then_some(Self { state, next_transaction })
    }
}
