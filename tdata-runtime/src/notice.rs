//! One-line notices to the person who waits: what takes long, or was chosen for the user, is said while it happens.

use std::fmt::{self, Display};
use std::sync::Arc;

use tdata_core::diagnostic::in_lines;

/// Where notices go.
///
/// ```
/// use std::sync::mpsc::channel;
/// use tdata_runtime::Notices;
///
/// let (sender, _receiver) = channel();
/// let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
/// # let _ = notices;
/// ```
#[derive(Clone)]
pub struct Notices(Arc<dyn Fn(&str) + Send + Sync>);

impl Notices {
    /// Hands each notice, a line without its end, to a function.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// Drops all notices.
    pub fn none() -> Self {
        Self::to(|_| {})
    }

    pub(crate) fn say(&self, text: impl Display) {
        (self.0)(&in_lines(&text.to_string()));
    }
}

/// Standard error, past the capture of the test harness.
impl Default for Notices {
    fn default() -> Self {
        Self::to(|text| {
            use std::io::Write as _;
            // A closed standard error is nobody's trouble.
            let _ = writeln!(std::io::stderr().lock(), "tdata: {text}");
        })
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}
