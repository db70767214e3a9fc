//! `anonymize_email`: an address of a reserved domain, with a keyed hash for its owner.

use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::key::write_base36;
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &["domain"],
    summary: "An address such as `user.4f9k2m@example.com`, made of a keyed hash; `domain` \
              changes its end.",
    build,
};

const NAME: &str = "anonymize_email";
const LOCAL: &str = "user.";
/// Reserved for documentation (RFC 2606): no one gets mail there.
const DOMAIN: &str = "example.com";
/// 36^26 exceeds 2^128: more digits would make collisions no less likely in practice.
const MOST_DIGITS: usize = 26;
const LEAST_DIGITS: usize = 8;
/// The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, without its brackets).
const LONGEST: usize = 254;

#[derive(Debug)]
struct AnonymizeEmail {
    key: TechniqueKey,
    domain: String,
    digits: usize,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(LONGEST).min(LONGEST);
    let domain = if build.has("domain") { own_domain(build)? } else { DOMAIN.to_owned() };
    let fixed = LOCAL.len() + 1 + domain.len();
    let digits = limit.saturating_sub(fixed).min(MOST_DIGITS);
    if digits < LEAST_DIGITS {
        build.too_narrow(NAME, fixed + LEAST_DIGITS);
        return None;
    }
    Some(Arc::new(AnonymizeEmail { key: build.key.technique(NAME), domain, digits }))
}

fn own_domain(build: &mut MaskBuild<'_>) -> Option<String> {
    let domain = build.text("domain")?;
    if !is_domain(&domain.value) {
        let message = format!("`{}` is no domain name that addresses can have", domain.value);
        let help = "such as `example.com`, `example.org` or `mail.test`, which no one has";
        build.invalid(&domain.origin, message, help);
        return None;
    }
    Some(domain.value)
}

/// Tells whether a text is a host name (RFC 1123) of two labels or more, short enough for mail.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let room = LONGEST - LOCAL.len() - 1 - LEAST_DIGITS;
    text.contains('.') && text.len() <= room && text.split('.').all(is_label)
}

impl Mask for AnonymizeEmail {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            out.reserve(self.max_length(0));
            out.push_str(LOCAL);
            write_base36(&self.key.digest(original), self.digits, out);
            out.push('@');
            out.push_str(&self.domain);
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        LOCAL.len() + self.digits + 1 + self.domain.len()
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(36u128.saturating_pow(self.digits as u32))
    }
}
