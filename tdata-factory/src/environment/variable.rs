//! Variables of the environment.

use std::env::VarError;
use std::str::FromStr;

use tdata_core::diagnostic::{Diagnostic, Diagnostics};

/// Returns a variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns a variable, parsed; tells when it does not parse.
pub fn parsed<T: FromStr>(name: &str, expected: &str, diagnostics: &mut Diagnostics) -> Option<T> {
    let text = variable(name)?;
    let parsed = text.parse().ok();
    if parsed.is_none() {
        let message = format!("the environment says {name}={text}, which is not {expected}");
        let help = format!("unset {name}, or set it to {expected}");
        diagnostics.push(Diagnostic::new("environment::value", message).help(help));
    }
    parsed
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
