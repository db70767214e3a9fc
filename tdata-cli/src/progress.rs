//! How a job goes on: a bar on a terminal, lines elsewhere, nothing where nothing is to be said.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tdata_jobs::Watch;

use crate::console::Console;
use crate::stop::Stop;

/// How often a line is said where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// How often a sign of life is drawn on a terminal.
const TICK: Duration = Duration::from_millis(200);

/// Tells how a job goes on, and stops it when somebody interrupts the command.
#[derive(Debug)]
pub(crate) struct Progress {
    console: Console,
    stop: Stop,
    /// What is done to rows, such as `generated`.
    done: &'static str,
    /// Whether the end of each dataset is said where there is no terminal.
    says_ends: bool,
    current: RefCell<Option<Current>>,
    /// What was said of what follows the rows: each once, whichever connection does it.
    said: RefCell<BTreeSet<String>>,
}

/// The dataset that is being worked on.
#[derive(Debug)]
struct Current {
    dataset: String,
    rows: u64,
    did: u64,
    began: Instant,
    said: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins to tell, and to listen for interrupts.
    pub(crate) fn new(console: &Console, done: &'static str) -> Self {
        let (stop, current) = (Stop::listen(), RefCell::new(None));
        let said = RefCell::default();
        Self { console: *console, stop, done, says_ends: false, current, said }
    }

    /// Begins to tell of each dataset and of what follows its rows, too.
    pub(crate) fn of_all(console: &Console, done: &'static str) -> Self {
        let mut progress = Self::new(console, done);
        progress.says_ends = true;
        progress
    }

    /// Returns what interrupts the job.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    fn bar(&self, dataset: &str, rows: u64) -> Option<ProgressBar> {
        if !self.console.has_bars() {
            return None;
        }
        let template = "{prefix:>12.bold.green} [{bar:25}] {human_pos} of {human_len} rows, {rate} rows/s, {eta} left";
        let style = ProgressStyle::with_template(template).ok()?.progress_chars("=> ");
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&grouped(state.per_sec() as u64));
        };
        let style = style.with_key("rate", rate);
        let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
        bar.set_style(style);
        bar.set_prefix(dataset.to_owned());
        Some(bar)
    }
}

impl Watch for Progress {
    fn begins(&self, dataset: &str, rows: u64) {
        let (now, bar) = (Instant::now(), self.bar(dataset, rows));
        let dataset = dataset.to_owned();
        let current = Current { dataset, rows, did: 0, began: now, said: now, bar };
        let before = self.current.borrow_mut().replace(current);
        if let Some(bar) = before.and_then(|before| before.bar) {
            bar.finish_and_clear();
        }
    }

    fn did(&self, rows: u64) {
        let mut current = self.current.borrow_mut();
        let Some(current) = &mut *current else { return };
        current.did += rows;
        if let Some(bar) = &current.bar {
            bar.set_position(current.did);
        } else if current.said.elapsed() >= EVERY && current.did < current.rows {
            current.said = Instant::now();
            let Current { dataset, rows, did, began, .. } = &*current;
            let rate = *did as f64 / began.elapsed().as_secs_f64();
            let left = (rows - did) as f64 / rate;
            let (did, rows, rate) = (grouped(*did), grouped(*rows), grouped(rate as u64));
            let message = format!(
                "{dataset}: {did} of {rows} rows {}, {rate}/s, {left:.0} s left",
                self.done
            );
            self.console.note(&message);
        }
    }

    fn ends(&self) {
        let Some(Current { dataset, rows, did, began, bar, .. }) = self.current.borrow_mut().take()
        else {
            return;
        };
        if let Some(bar) = bar {
            bar.finish_and_clear();
        } else if self.says_ends && did == rows {
            let seconds = began.elapsed().as_secs_f64();
            let message =
                format!("{dataset}: {} rows {}, {seconds:.1} s", grouped(rows), self.done);
            self.console.note(&message);
        }
    }

    fn does(&self, what: &str) {
        match self.console.has_bars() {
            // The next bar, or the end, takes its place.
            true => {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                bar.set_style(ProgressStyle::default_spinner());
                bar.set_message(what.to_owned());
                bar.enable_steady_tick(TICK);
                let now = Instant::now();
                let (dataset, rows, did) = (String::new(), 0, 0);
                let current = Current { dataset, rows, did, began: now, said: now, bar: Some(bar) };
                if let Some(before) = self.current.borrow_mut().replace(current)
                    && let Some(bar) = before.bar
                {
                    bar.finish_and_clear();
                }
            }
            false => {
                if self.says_ends && self.said.borrow_mut().insert(what.to_owned()) {
                    self.console.note(what);
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }
}

/// A job that ends in an error leaves no bar.
impl Drop for Progress {
    fn drop(&mut self) {
        self.ends();
    }
}

/// Writes a number with commas.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
