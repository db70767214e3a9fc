//! Commands that somebody is told to run.

use super::visible::is_visible;

/// Writes a text as one word of a command, in quotes where it needs them.
///
/// ```
/// use tdata_core::diagnostic::shell_word;
///
/// assert_eq!(shell_word("shop::pays"), "shop::pays");
/// assert_eq!(shell_word("it's $(id)"), "'it'\\''s $(id)'");
/// ```
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    if text.chars().all(is_visible) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    // In this form nothing has to stand there as it is.
    let escaped = text.chars().map(|c| match c {
        '\'' | '\\' => format!("\\{c}"),
        c if is_visible(c) => c.to_string(),
        c => c.to_string().bytes().map(|byte| format!("\\{byte:03o}")).collect(),
    });
    format!("$'{}'", escaped.collect::<String>())
}
