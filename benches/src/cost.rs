//! What commands cost.

use std::error::Error;
use std::fs;
use std::process::Command;
use std::time::Instant;

/// What a command took, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From its start to its end.
    pub time: f64,
    /// Of the processor, for the command and all that it started. Linux only; zero elsewhere.
    pub cpu: f64,
}

impl Cost {
    /// Runs a command, one at a time.
    ///
    /// # Errors
    ///
    /// When it fails; with what it wrote to standard error, if that is piped.
    pub fn of(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let (start, before) = (Instant::now(), cpu_of_children());
        let output = command.output()?;
        if output.status.success() {
            return Ok(Self {
                time: start.elapsed().as_secs_f64(),
                cpu: cpu_of_children() - before,
            });
        }
        let program = command.get_program().display();
        Err(format!("{program} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The time of the processor that the processes took which this one has waited for. Zero where nothing tells.
fn cpu_of_children() -> f64 {
    let status = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 16 and 17, counted behind the name in brackets, in hundredths of a second.
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
