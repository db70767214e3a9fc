//! What the tests of a suite measure within themselves: one line of `stage=microseconds` for each.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// The variable that names the file.
pub const VARIABLE: &str = "TDATA_BENCH_REPORT";

/// Stages that every test goes through; `server` takes its time in the first tests only.
const OF_EVERY_TEST: [&str; 6] = ["resolve", "server", "isolate", "connect", "body", "release"];

/// Appends a test's line, where a file is named.
///
/// # Errors
///
/// When it cannot be written.
pub fn append(stages: impl IntoIterator<Item = (&'static str, Duration)>) -> io::Result<()> {
    let Some(path) = std::env::var_os(VARIABLE) else { return Ok(()) };
    let line: String = stages
        .into_iter()
        .map(|(stage, time)| format!("{stage}={};", time.as_micros()))
        .chain(["\n".to_owned()])
        .collect();
    // One write to a file opened for appending: lines of several threads do not mix.
    OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
}

/// The stages of all tests of a run, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Stages(Vec<(String, Vec<f64>)>);

impl Stages {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut stages = Self::default();
        for entry in std::fs::read_to_string(path)?.split([';', '\n']) {
            let Some((stage, micros)) = entry.split_once('=') else { continue };
            let millis = micros.parse::<f64>().unwrap_or(f64::NAN) / 1000.0;
            match stages.0.iter_mut().find(|(name, _)| name == stage) {
                Some((_, times)) => times.push(millis),
                None => stages.0.push((stage.to_owned(), vec![millis])),
            }
        }
        Ok(stages)
    }

    /// Returns what the first tests waited for the server to be there, in milliseconds.
    #[must_use]
    pub fn boot(&self) -> f64 {
        let server = self.0.iter().find(|(name, _)| name == "server");
        server.map_or(0.0, |(_, times)| times.iter().copied().fold(0.0, f64::max))
    }

    /// Returns what building the template took, once, in milliseconds.
    #[must_use]
    pub fn template(&self) -> f64 {
        let built = self.0.iter().filter(|(name, _)| !OF_EVERY_TEST.contains(&name.as_str()));
        built.map(|(_, times)| times.iter().copied().fold(0.0, f64::max)).sum()
    }

    /// Iterates over the stages that every test goes through, with the times of all tests.
    pub fn of_every_test(&self) -> impl Iterator<Item = (&str, &[f64])> {
        OF_EVERY_TEST.iter().filter_map(|wanted| {
            let (name, times) = self.0.iter().find(|(name, _)| name == wanted)?;
            Some((name.as_str(), times.as_slice()))
        })
    }
}
