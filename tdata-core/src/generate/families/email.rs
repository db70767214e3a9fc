//! `email`: mail addresses that reach nobody.

use super::text::{Part, Template, Texts, mailbox_names, parse_pattern, too_short};
use crate::generate::{AnyGenerator, Build, GeneratorEntry, Told};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "email",
    version: 1,
    parameters: &["pattern", "domain"],
    summary: "Mail addresses such as `olivia.smith4711@example.com`, or of a pattern.",
    build,
};

/// A domain that RFC 2606 (section 3) reserves, so that nobody receives its mail.
const RESERVED_DOMAIN: &str = "example.com";

/// The most digits behind the names: with them there are more than 10^12 addresses.
const MOST_DIGITS: u32 = 6;

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let text = |build: &mut Build<'_>, key: &str| match build.node(key) {
        Some(_) => build.text(key).map(Some).ok_or(Told),
        None => Ok(None),
    };
    let texts = (text(build, "pattern"), text(build, "domain"));
    let (Ok(pattern), Ok(domain)) = texts else { return None };
    if let Some(pattern) = pattern {
        if let Some(domain) = &domain {
            let help = "write the domain into the pattern, or drop the pattern";
            build.invalid(&domain.origin, "`pattern` and `domain` exclude each other", help);
        }
        let is_address = pattern.value.matches('@').count() == 1;
        if !is_address {
            let help = "such as `billing+{{index}}@example.com`";
            build.invalid(&pattern.origin, "a mail address has one `@`", help);
        }
        if domain.is_some() || !is_address {
            return None;
        }
        let template = parse_pattern(build, &pattern)?;
        return Some(Texts::generator(vec![template]));
    }
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_domain = |text: &str| !text.is_empty() && text.chars().all(valid);
    if let Some(domain) = domain.as_ref().filter(|domain| !is_domain(&domain.value)) {
        let message = format!("`{}` is no domain", domain.value);
        build.invalid(&domain.origin, message, "such as `example.org`, which is reserved");
        return None;
    }
    let domain = domain.map_or_else(|| RESERVED_DOMAIN.to_owned(), |domain| domain.value);
    let forms: Vec<Template> = (1..=MOST_DIGITS).map(|digits| form(&domain, digits)).collect();
    // In a short column, fewer digits may leave room for more names.
    let (limit, rows) = (build.length_limit(), build.rows);
    let fitting = forms.iter().filter_map(|form| form.within(limit, rows));
    match fitting.max_by_key(Template::capacity) {
        Some(form) => Some(Texts::generator(vec![form])),
        None => {
            let shortest = forms.iter().map(Template::min_length).min();
            too_short(build, shortest.unwrap_or_default());
            None
        }
    }
}

fn form(domain: &str, digits: u32) -> Template {
    let (first, last) = mailbox_names();
    let number = Part::number(1, 10u64.pow(digits) - 1);
    let domain = Part::literal(format!("@{domain}"));
    Template::new([Part::Words(first), Part::literal("."), Part::Words(last), number, domain])
}
