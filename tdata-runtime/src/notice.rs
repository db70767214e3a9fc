//! One-line notices to the person who waits.

/// Writes one line to standard error, past the capture of the test harness: what takes long, or was
/// chosen for the user, is said while it happens.
macro_rules! notice {
    ($($text:tt)*) => {
        $crate::notice::write(&format!($($text)*))
    };
}

pub(crate) use notice;

/// Writes the line; a closed standard error is nobody's trouble.
pub(crate) fn write(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "tdata: {text}");
}
