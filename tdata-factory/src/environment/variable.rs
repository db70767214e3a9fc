//! Variables of the environment.

use std::env::VarError;
use std::str::FromStr;

use tdata_core::diagnostic::{Diagnostic, Diagnostics};

/// The variable of the masking key, a secret.
pub const MASK_KEY: &str = "TDATA_MASK_KEY";

/// The variables of the database URL, which may hold a password; the first that is set wins.
pub const DATABASE_URLS: [&str; 2] = ["TDATA_DATABASE_URL", "TEST_DATABASE_URL"];

/// Returns a variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns a variable that is set, also if it is empty.
pub fn any_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns a variable, parsed; tells when it does not parse.
pub fn parsed<T: FromStr>(name: &str, expected: &str, diagnostics: &mut Diagnostics) -> Option<T> {
    let text = variable(name)?;
    let parsed = text.parse().ok();
    if parsed.is_none() {
        // What is no plain word may be a URL, or a secret that somebody put into the wrong variable.
        let message = match is_plain(&text) {
            true => format!("the environment says {name}={text}, which is not {expected}"),
            false => format!("the environment sets {name} to what is not {expected}"),
        };
        let help = format!("unset {name}, or set it to {expected}");
        diagnostics.push(Diagnostic::new("environment::value", message).help(help));
    }
    parsed
}

/// Tells whether a text is such as settings are.
fn is_plain(text: &str) -> bool {
    /// A time with its zone fits.
    const LONGEST: usize = 40;
    let is_usual = |c: char| c.is_ascii_alphanumeric() || "_-.:+ ".contains(c);
    text.len() <= LONGEST && text.chars().all(is_usual)
}

/// Returns a secret. One that is set and empty, as when it is missing in continuous integration, is a mistake: what is
/// used without a secret must not be used in its place.
pub fn secret(name: &str, without: &str, diagnostics: &mut Diagnostics) -> Option<String> {
    match std::env::var(name) {
        Err(VarError::NotPresent) => None,
        Ok(secret) if !secret.is_empty() => Some(secret),
        Ok(_) | Err(VarError::NotUnicode(_)) => {
            let message = format!("the environment sets {name} to nothing, or to what is no text");
            let help = format!("set it to the secret, or unset it to {without}");
            diagnostics.push(Diagnostic::new("environment::value", message).help(help));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_setting_is_quoted() {
        for setting in ["docker", "10x", "2024-05-01T12:00:00+02:00", "on failure"] {
            assert!(is_plain(setting), "{setting}");
        }
        for other in ["postgres://u:p@h/db", "password=p", "a\nb", "\u{1b}[2J", &"x".repeat(64)] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
