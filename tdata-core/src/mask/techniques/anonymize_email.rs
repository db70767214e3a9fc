//! `anonymize_email`: an address of a reserved domain, with a keyed hash for its owner.
//!
//! `user.`, digits of base 36, `@` and the mail domain: 26 digits, or as many as fit. Should that be the
//! original, the last digit becomes 1 if it is 0, else 0.

use crate::mask::key::{RuleKey, Words};
use crate::mask::technique::unlike;
use crate::mask::{AnyMask, MaskBuild, MaskEntry, Spread, Technique, TextMasking, of_texts};
use crate::value::{Snippet, Text};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "anonymize_email",
    version: 2,
    keyed: true,
    parameters: &["mail_domain"],
    read,
    usual: |_| Box::new(AnonymizeEmail { mail_domain: DOMAIN.to_owned() }),
};

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
    mail_domain: String,
}

fn read(build: &mut MaskBuild<'_>) -> Option<Box<dyn Technique>> {
    let own = build.has("mail_domain");
    let mail_domain = if own { own_domain(build)? } else { DOMAIN.to_owned() };
    Some(Box::new(AnonymizeEmail { mail_domain }))
}

fn own_domain(build: &mut MaskBuild<'_>) -> Option<String> {
    let domain = build.text("mail_domain")?;
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

impl AnonymizeEmail {
    /// How many characters of an address are no digits.
    fn fixed(&self) -> usize {
        LOCAL.len() + 1 + self.mail_domain.len()
    }
}

impl Technique for AnonymizeEmail {
    fn variant(&self) -> String {
        self.mail_domain.clone()
    }

    fn least(&self) -> usize {
        self.fixed() + LEAST_DIGITS
    }

    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask {
        let room = limit.min(LONGEST).saturating_sub(self.fixed());
        let digits = room.clamp(LEAST_DIGITS, MOST_DIGITS);
        let (start, end) = (Snippet::of(LOCAL), Snippet::of(&format!("@{}", self.mail_domain)));
        of_texts(Emails { key, start, end, digits })
    }
}

#[derive(Debug)]
struct Emails {
    key: RuleKey,
    /// What stands before the digits.
    start: Snippet,
    /// The mail domain, with the `@` before it.
    end: Snippet,
    digits: usize,
}

impl TextMasking for Emails {
    fn key(&self) -> &RuleKey {
        &self.key
    }

    fn mask(&self, original: &str, words: &mut Words<'_>, out: &mut Text<'_>) {
        out.push_snippet(&self.start);
        words.write_base36(self.digits, out);
        out.push_snippet(&self.end);
        unlike(original, LOCAL.len() + self.digits, out);
    }

    fn max_length(&self) -> usize {
        LOCAL.len() + self.digits + self.end.text().len()
    }

    fn spread(&self) -> Spread {
        Spread::Hashed(36u128.saturating_pow(self.digits as u32))
    }
}
