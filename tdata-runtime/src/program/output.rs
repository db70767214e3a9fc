//! The last lines that a program writes.

use std::io::{PipeReader, Read as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tdata_core::diagnostic::in_lines;

/// How many bytes are kept.
const KEPT: usize = 16 << 10;

/// How many lines are told.
const LINES: usize = 20;

/// How many characters of a line are told.
const WIDTH: usize = 300;

/// How long the rest is waited for behind a program's end: who still has the pipe is none of the program's group.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a program writes, read so that it never waits for a reader.
#[derive(Debug)]
pub(super) struct Output {
    last: Arc<Mutex<Last>>,
    end: Receiver<()>,
}

/// The last bytes that a program wrote.
#[derive(Debug, Default)]
struct Last {
    bytes: Vec<u8>,
    /// Whether there were others before them.
    is_cut: bool,
}

impl Last {
    fn add(&mut self, block: &[u8]) {
        self.bytes.extend_from_slice(block);
        let surplus = self.bytes.len().saturating_sub(KEPT);
        self.is_cut |= surplus > 0;
        self.bytes.drain(..surplus);
    }

    /// Returns them from the first whole line on: a part of a secret would not be found as one. What overwrites a line is
    /// one, too.
    fn whole_lines(&self) -> &[u8] {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let first = match self.is_cut {
            true => self.bytes.iter().position(is_end).map_or(self.bytes.len(), |end| end + 1),
            false => 0,
        };
        &self.bytes[first..]
    }
}

impl Output {
    /// Starts to read a pipe.
    pub(super) fn read(mut pipe: PipeReader) -> std::io::Result<Self> {
        let (tell, end) = channel::<()>();
        let last = Arc::new(Mutex::new(Last::default()));
        let kept = Arc::clone(&last);
        let read = move || {
            let _tell = tell;
            let mut block = vec![0; 8 << 10];
            while let Ok(count @ 1..) = pipe.read(&mut block) {
                kept.lock().add(&block[..count]);
            }
        };
        thread::Builder::new().name("tdata-output".into()).spawn(read)?;
        Ok(Self { last, end })
    }

    /// Returns the last lines, once all is read. `without_secrets` takes secrets out of the text before lines are cut.
    pub(super) fn last_lines(&self, without_secrets: impl Fn(&str) -> String) -> Vec<String> {
        // Whether it ended or is not waited for any longer, what there is is told.
        let _ = self.end.recv_timeout(PATIENCE);
        let last = self.last.lock();
        let lines = last_lines(&without_secrets(&String::from_utf8_lossy(last.whole_lines())));
        match lines.is_empty() && last.is_cut {
            true => vec!["…".to_owned()],
            false => lines,
        }
    }
}

fn last_lines(text: &str) -> Vec<String> {
    // What overwrites itself, as progress does, is told as it ends.
    let seen = |line: &str| line.rsplit('\r').find(|part| !part.is_empty()).map(str::to_owned);
    let lines: Vec<String> = text.lines().filter_map(|line| seen(line.trim_end())).collect();
    let cut = |line: &String| match line.char_indices().nth(WIDTH) {
        Some((end, _)) => in_lines(&line[..end]) + "…",
        None => in_lines(line),
    };
    lines[lines.len().saturating_sub(LINES)..].iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_last_lines_are_kept_however_much_there_is() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let output = Output::read(reader).unwrap();
        for line in 0..20_000 {
            writeln!(writer, "line {line}").unwrap();
        }
        write!(writer, "10%\r20%\r\n\n{}", "ä".repeat(400)).unwrap();
        drop(writer);
        let lines = output.last_lines(str::to_owned);
        assert_eq!((lines.len(), lines[0].as_str()), (LINES, "line 19982"));
        assert_eq!(lines[LINES - 2], "20%");
        assert_eq!(lines[LINES - 1], format!("{}…", "ä".repeat(WIDTH)));
    }

    /// What is told of a program's output.
    fn told(written: &[u8], secret: &str) -> Vec<String> {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let output = Output::read(reader).unwrap();
        writer.write_all(written).unwrap();
        drop(writer);
        output.last_lines(|text| text.replace(secret, "[secret]"))
    }

    #[test]
    fn no_part_of_a_secret_is_told() {
        let secret = "s3cr/t".repeat(10);
        // At the end of what is told of a line.
        for before in WIDTH - secret.len()..=WIDTH {
            let line = "x".repeat(before) + &secret;
            let lines = told(line.as_bytes(), &secret).concat();
            assert!(!lines.contains("s3"), "{lines}");
        }
        // At the start of what is kept, before the end of a line or of what overwrites itself.
        for kept in 0..secret.len() {
            for end in ["\n", "\r"] {
                let rest = "y".repeat(KEPT - kept - 2);
                let text = format!("{secret}{end}{rest}\n");
                let lines = told(text.as_bytes(), &secret);
                assert_eq!(lines, ["y".repeat(WIDTH) + "…"]);
            }
            let text = secret.clone() + &"y".repeat(KEPT - kept);
            let lines = told(text.as_bytes(), &secret).concat();
            assert!(!lines.contains("3cr"), "{lines}");
        }
        assert_eq!(told(&b"y".repeat(KEPT + 1), &secret), ["…"]);
    }

    #[test]
    fn a_terminal_takes_what_is_told_as_text() {
        let lines = told(b"a\tb \x1b[2J\x07\n\xff", "none");
        assert_eq!(lines, ["a\tb \\u{1b}[2J\\u{7}", "\u{fffd}"]);
    }
}
