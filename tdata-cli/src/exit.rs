//! How the command ends.

use std::process::ExitCode;

use tdata_core::diagnostic::Diagnostics;
use tdata_jobs::JobError;

use crate::console::Console;

/// What came of a verb that did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// All is well.
    Well,
    /// A check found something wrong, and told it.
    Found,
}

impl Done {
    pub(crate) fn code(self) -> ExitCode {
        match self {
            Self::Well => ExitCode::SUCCESS,
            Self::Found => FOUND.into(),
        }
    }
}

/// Something went wrong.
const FAILED: u8 = 1;
/// The command line asks for what cannot be; clap's own code.
const WRONG_USE: u8 = 2;
/// A check found something wrong.
const FOUND: u8 = 3;
/// Interrupted; as shells have it for SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// What kept a verb from its end.
#[derive(Debug)]
pub(crate) enum Failed {
    /// Definitions, settings or the contract.
    Definitions(tdata_runtime::Error),
    /// A job, or what it was asked for.
    Job(JobError),
}

impl Failed {
    /// Tells it, and returns the code that the command ends with.
    pub(crate) fn tell(self, console: &Console) -> ExitCode {
        self.tell_code(console).into()
    }

    fn tell_code(self, console: &Console) -> u8 {
        match self {
            Self::Definitions(error) => match error.diagnostics() {
                Some(mistakes) => console.mistakes(&mistakes.to_string()),
                None => console.error(&error.to_string()),
            },
            Self::Job(JobError::ByDatabase(errors)) => {
                let mut code = None;
                for (shard, error) in errors {
                    console.mistakes(&format!("{shard}:"));
                    // The first tells how the command ends.
                    let of_shard = Self::Job(error).tell_code(console);
                    code.get_or_insert(of_shard);
                }
                return code.unwrap_or(FAILED);
            }
            // Whoever read standard output has read enough.
            Self::Job(JobError::Closed) => return 0,
            Self::Job(JobError::Stopped) => {
                console.error("interrupted; nothing is left that was not finished");
                return INTERRUPTED;
            }
            Self::Job(JobError::Mistakes(mistakes)) => console.mistakes(&mistakes.to_string()),
            Self::Job(JobError::Asked { message, help }) => {
                console.error(&message);
                if let Some(help) = help {
                    console.help(&help);
                }
                return WRONG_USE;
            }
            Self::Job(JobError::InTheWay { message, help }) => {
                console.error(&message);
                console.help(&help);
            }
            Self::Job(error @ JobError::StoppedUnchecked { .. }) => {
                console.error(&format!("interrupted; {error}"));
                return INTERRUPTED;
            }
            Self::Job(ref error @ JobError::Left { error: ref cause, .. }) => {
                console.error(&error.to_string());
                if matches!(**cause, JobError::Stopped) {
                    return INTERRUPTED;
                }
            }
            Self::Job(error @ JobError::Invalid { .. }) => {
                console.error(&error.to_string());
                return FOUND;
            }
            Self::Job(error) => console.error(&error.to_string()),
        }
        FAILED
    }
}

impl From<tdata_runtime::Error> for Failed {
    fn from(error: tdata_runtime::Error) -> Self {
        Self::Definitions(error)
    }
}

impl From<Diagnostics> for Failed {
    fn from(mistakes: Diagnostics) -> Self {
        Self::Job(JobError::Mistakes(mistakes))
    }
}

impl From<JobError> for Failed {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}
