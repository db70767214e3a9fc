//! `generalize_user_agent`: the browser's family and the platform, and no more.

use std::sync::Arc;

use crate::mask::key::RuleKey;
use crate::mask::technique::{replace_text, texts_only};
use crate::mask::{AnyMask, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, ValueKind, ValueRef};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "generalize_user_agent",
    version: 1,
    keyed: false,
    parameters: &[],
    read: |_| Some(Box::new(GeneralizeUserAgent)),
    usual: |_| Box::new(GeneralizeUserAgent),
};

const OTHER: &str = "Other";
const ON: &str = " on ";

/// What tells a program that no one sits at.
const BOTS: &[&str] = &["bot", "crawler", "spider", "slurp", "facebookexternalhit"];

/// What tells a family, in the order to look: most browsers also bear the names of older ones.
const FAMILIES: &[(&str, &str)] = &[
    ("edg/", "Edge"),
    ("edge/", "Edge"),
    ("edga/", "Edge"),
    ("edgios/", "Edge"),
    ("opr/", "Opera"),
    ("opera", "Opera"),
    ("opios/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("vivaldi/", "Vivaldi"),
    ("yabrowser/", "Yandex"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("chromium/", "Chrome"),
    ("msie ", "Internet Explorer"),
    ("trident/", "Internet Explorer"),
    ("safari/", SAFARI),
    ("curl/", "HTTP client"),
    ("wget/", "HTTP client"),
    ("okhttp/", "HTTP client"),
    ("python-requests/", "HTTP client"),
    ("go-http-client/", "HTTP client"),
    ("postmanruntime/", "HTTP client"),
];
const SAFARI: &str = "Safari";

/// What tells a platform, in the order to look: phones also bear the names of larger systems.
const PLATFORMS: &[(&str, &str)] = &[
    ("windows", "Windows"),
    ("iphone", "iOS"),
    ("ipad", "iOS"),
    ("ipod", "iOS"),
    ("android", ANDROID),
    ("cros ", "ChromeOS"),
    ("mac os x", "macOS"),
    ("macintosh", "macOS"),
    ("linux", "Linux"),
    ("x11", "Linux"),
];
const ANDROID: &str = "Android";

#[derive(Debug)]
struct GeneralizeUserAgent;

impl Technique for GeneralizeUserAgent {
    fn least(&self) -> usize {
        OTHER.len()
    }

    fn mask(&self, _key: RuleKey, limit: usize) -> AnyMask {
        Arc::new(Families { limit })
    }
}

#[derive(Debug)]
struct Families {
    limit: usize,
}

/// Returns the family and the platform, as far as they are known.
fn classify(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let lower = user_agent.to_ascii_lowercase();
    let told = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| lower.contains(sign)).map(|(_, name)| *name)
    };
    if BOTS.iter().any(|sign| lower.contains(sign)) {
        return (Some("Bot"), None);
    }
    let platform = told(PLATFORMS);
    // Android's own browser of old called itself Safari.
    let family = told(FAMILIES).filter(|family| (*family, platform) != (SAFARI, Some(ANDROID)));
    (family, platform)
}

impl Masking for Families {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        replace_text(original, out, |original, out| {
            let (family, platform) = classify(original);
            let family = family.unwrap_or(OTHER);
            let whole = family.len() + platform.map_or(0, |platform| ON.len() + platform.len());
            match platform {
                Some(platform) if whole <= self.limit => out.extend([family, ON, platform]),
                _ if family.len() <= self.limit => out.push_str(family),
                _ => out.push_str(OTHER),
            }
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        texts_only(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        let longest = |names: &[(&str, &str)]| names.iter().map(|(_, name)| name.len()).max();
        let whole = longest(FAMILIES).unwrap_or(0) + ON.len() + longest(PLATFORMS).unwrap_or(0);
        self.limit.min(whole)
    }

    fn spread(&self) -> Spread {
        Spread::Constant
    }
}
