//! How a test is run again on the same data.

use std::path::Path;

use tdata_core::diagnostic::shell_word;

use super::test_id::TestId;
use crate::inject::TestData;

/// Returns the command that runs a test again on what its bundle holds.
pub(super) fn replay(id: &TestId, bundle: &Path) -> String {
    format!("TDATA_REPLAY={} {}", shell_word(&bundle.to_string_lossy()), cargo_test(id))
}

/// Returns the command that runs a test again on the same seed and as-of time.
pub(super) fn same_seed(id: &TestId, data: &TestData) -> String {
    format!("TDATA_SEED={} TDATA_AS_OF={} {}", data.seed(), data.as_of(), cargo_test(id))
}

fn cargo_test(id: &TestId) -> String {
    let exact = if id.is_whole { " -- --exact" } else { "" };
    // Another binary of the package may have a test of the same name.
    let program = std::env::current_exe().ok();
    let (option, name) = id.binary.option(&id.target, &id.root, program.as_deref());
    let name = name.map(|name| format!(" {}", shell_word(&name))).unwrap_or_default();
    format!(
        "cargo test -p {} {option}{name} {}{exact}",
        shell_word(&id.package),
        shell_word(&id.test)
    )
}

#[cfg(test)]
mod tests {
    use tdata_core::diagnostic::is_visible;

    use super::*;

    #[test]
    fn a_path_is_one_word_of_the_command() {
        let id = TestId::of_shop("checkout", "pays", true);
        let command = |path: &str| replay(&id, Path::new(path));
        assert_eq!(
            command("/a/b.c"),
            "TDATA_REPLAY=/a/b.c cargo test -p shop --lib pays -- --exact"
        );
        assert!(command("/my work/it's").starts_with("TDATA_REPLAY='/my work/it'\\''s' cargo"));
        assert!(command("/a\n\u{1b}'b").starts_with("TDATA_REPLAY=$'/a\\012\\033\\'b' cargo"));
    }

    #[test]
    fn a_test_of_any_name_is_one_word_of_the_command() {
        // A harness may call its tests as it likes.
        let test = "pays $(id); \u{1b}[2J`id` it's";
        let command = cargo_test(&TestId::of_shop("checkout", test, true));
        let output = std::process::Command::new("bash")
            .args(["-c", &format!("cargo() {{ printf '%s\\0' \"$@\"; }}; {command}")])
            .output()
            .unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        let words: Vec<&str> = words.split_terminator('\0').collect();
        assert_eq!(words, ["test", "-p", "shop", "--lib", test, "--", "--exact"]);
        assert!(command.chars().all(is_visible), "{command:?}");
    }
}
