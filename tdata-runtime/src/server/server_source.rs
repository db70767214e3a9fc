//! Where a server comes from.

use std::fmt;

/// Where a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerSource {
    /// It ran already; a URL named it.
    Url,
    /// tdata booted it in a container.
    Container,
    /// tdata booted it from this machine's programs.
    Local,
    /// tdata booted it from programs that Cargo brought.
    Embedded,
}

impl fmt::Display for ServerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "url",
            Self::Container => "container",
            Self::Local => "local",
            Self::Embedded => "embedded",
        })
    }
}
