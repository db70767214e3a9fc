//! How a test is run again on the same data.

use std::path::Path;

use super::test_id::TestId;
use crate::inject::TestData;

/// Returns the command that runs a test again on what its bundle holds.
pub(super) fn replay(id: &TestId, bundle: &Path) -> String {
    format!("TDATA_REPLAY={} {}", quoted(&bundle.to_string_lossy()), cargo_test(id))
}

/// Returns the command that runs a test again on the same seed and as-of time.
pub(super) fn same_seed(id: &TestId, data: &TestData) -> String {
    format!("TDATA_SEED={} TDATA_AS_OF={} {}", data.seed(), data.as_of(), cargo_test(id))
}

fn cargo_test(id: &TestId) -> String {
    let exact = if id.is_whole { " -- --exact" } else { "" };
    format!("cargo test -p {} {}{exact}", id.package, id.test)
}

/// Quotes a text for a shell, where it must be.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_the_command() {
        let [package, target, test] = ["shop", "checkout", "pays"].map(str::to_owned);
        let id = TestId { package, target, test, is_whole: true };
        let command = |path: &str| replay(&id, Path::new(path));
        assert_eq!(command("/a/b.c"), "TDATA_REPLAY=/a/b.c cargo test -p shop pays -- --exact");
        assert!(command("/my work/it's").starts_with("TDATA_REPLAY='/my work/it'\\''s' cargo"));
    }
}
