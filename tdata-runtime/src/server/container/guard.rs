//! Containers whose boot is cut off: removed by a shell that outlives the process.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

use crate::server::detached;

/// Where the engine of this machine listens.
const DEFAULT_ENGINE: &str = "unix:///var/run/docker.sock";

/// What removes a container unless it is told that others see to its end: dropped, or with the process, it does.
pub(super) struct Guard(Child);

impl Guard {
    /// Starts the guard of a container that is not there yet. It talks to the engine over a connection that it gets
    /// here, since a shell cannot make one.
    pub(super) fn start(engine: Option<&str>, container: &str) -> io::Result<Self> {
        let mut command = detached::shell("tdata-guard");
        command.arg(container).stdin(Stdio::piped());
        command.stderr(connect(engine.unwrap_or(DEFAULT_ENGINE))?);
        let (guard, said) = detached::start(&mut command, include_str!("guard.sh"))?;
        let mut ready = String::new();
        BufReader::new(said).read_line(&mut ready)?;
        match ready.trim_end() {
            "ready" => Ok(Self(guard)),
            _ => Err(io::Error::other("its shell ended at once")),
        }
    }

    /// Lets the container live: others see to its end.
    pub(super) fn release(mut self) {
        if let Some(mut input) = self.0.stdin.take() {
            // One that is gone removes nothing.
            let _ = writeln!(input, "announced");
        }
        let _ = self.0.wait();
    }
}

/// Connects to an engine, where that takes no more than an address.
fn connect(engine: &str) -> io::Result<OwnedFd> {
    match engine.split_once("://") {
        Some(("unix", path)) => Ok(UnixStream::connect(path)?.into()),
        Some(("tcp" | "http", place)) => {
            Ok(TcpStream::connect(place.trim_end_matches('/'))?.into())
        }
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}
