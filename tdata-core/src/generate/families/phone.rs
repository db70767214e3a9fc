//! `phone_number`: telephone numbers that ring nowhere.

use super::reserved_numbers::{Country, NumberForm};
use super::text::fitting;
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "phone_number",
    version: 1,
    parameters: &["country_code"],
    summary: "Numbers of `country_code` (`US`) reserved for fiction, such as `+1-212-555-0142`.",
    build,
};

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let country = match build.node("country_code") {
        Some(_) => country(build)?,
        None => Country::USUAL,
    };
    let spacious =
        build.length_limit().is_none_or(|limit| limit >= country.longest(NumberForm::Spaced));
    let form = if spacious { NumberForm::Spaced } else { NumberForm::Dense };
    fitting(build, [country.template(form)])
}

fn country(build: &mut Build<'_>) -> Option<&'static Country> {
    let code = build.text("country_code")?;
    Country::find(&code).map_err(|[message, help]| build.invalid(&code.origin, message, help)).ok()
}
