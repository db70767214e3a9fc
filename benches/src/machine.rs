//! The machine that is measured on.

use std::fs;

/// Describes processor, cores and load.
#[must_use]
pub fn described() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = processor.lines().find_map(|line| line.strip_prefix("model name"));
    let name = name.map_or("unknown processor", |name| name.trim_start_matches(['\t', ' ', ':']));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    format!("{name}, {cores} cores, load {}", load.join(" "))
}

/// Returns the most memory that this process has had, in megabytes. Linux only; zero elsewhere.
#[must_use]
pub fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}
