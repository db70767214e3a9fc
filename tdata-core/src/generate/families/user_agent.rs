//! `user_agent`: what browsers call themselves.

use super::text::{Part, Template, Words, fitting};
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "user_agent",
    version: 1,
    parameters: &[],
    summary: "User agents of Chrome, Edge, Firefox and Safari on desktops and phones.",
    build,
};

const DESKTOPS: [&str; 3] =
    ["Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"];

const PHONES: [&str; 4] = [
    "Linux; Android 13; Pixel 7",
    "Linux; Android 14; Pixel 8",
    "Linux; Android 14; SM-S921B",
    "Linux; Android 15; Pixel 9",
];

const FIREFOX_DESKTOPS: [&str; 3] =
    ["Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10.15", "X11; Linux x86_64"];

/// Firefox names its version twice.
const FIREFOX_VERSIONS: [&str; 8] = [
    "rv:128.0) Gecko/20100101 Firefox/128.0",
    "rv:131.0) Gecko/20100101 Firefox/131.0",
    "rv:132.0) Gecko/20100101 Firefox/132.0",
    "rv:133.0) Gecko/20100101 Firefox/133.0",
    "rv:134.0) Gecko/20100101 Firefox/134.0",
    "rv:135.0) Gecko/20100101 Firefox/135.0",
    "rv:136.0) Gecko/20100101 Firefox/136.0",
    "rv:137.0) Gecko/20100101 Firefox/137.0",
];

/// Edge names the version of Chrome that it is made of, and its own, which is the same.
const EDGE_VERSIONS: [&str; 4] = [
    "131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "132.0.0.0 Safari/537.36 Edg/132.0.0.0",
    "133.0.0.0 Safari/537.36 Edg/133.0.0.0",
    "134.0.0.0 Safari/537.36 Edg/134.0.0.0",
];

const SAFARI_VERSIONS: [&str; 7] = ["17.0", "17.2", "17.4", "17.6", "18.0", "18.2", "18.3"];

/// A phone's Safari has the version of its system.
const IPHONE_VERSIONS: [&str; 4] = [
    "17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4",
    "17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6",
    "18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1",
    "18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3",
];

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let chrome_on_desktop = chrome(&DESKTOPS, " Safari/537.36");
    let chrome_on_phone = chrome(&PHONES, " Mobile Safari/537.36");
    fitting(build, [chrome_on_desktop, chrome_on_phone, edge(), firefox(), safari(), iphone()])
}

/// Versions 120 to 137, and the range that their builds lie in.
fn chrome(systems: &[&'static str], ending: &str) -> Template {
    Template::new([
        Part::literal("Mozilla/5.0 ("),
        Part::Words(Words::new(systems.iter().copied())),
        Part::literal(") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"),
        Part::number(120, 137),
        Part::literal(".0."),
        Part::number(6_099, 7_151),
        Part::literal("."),
        Part::number(0, 199),
        Part::literal(ending),
    ])
}

fn edge() -> Template {
    Template::new([
        Part::literal(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/",
        ),
        Part::Words(Words::new(EDGE_VERSIONS)),
    ])
}

fn firefox() -> Template {
    Template::new([
        Part::literal("Mozilla/5.0 ("),
        Part::Words(Words::new(FIREFOX_DESKTOPS)),
        Part::literal("; "),
        Part::Words(Words::new(FIREFOX_VERSIONS)),
    ])
}

fn safari() -> Template {
    Template::new([
        Part::literal(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like \
             Gecko) Version/",
        ),
        Part::Words(Words::new(SAFARI_VERSIONS)),
        Part::literal(" Safari/605.1.15"),
    ])
}

fn iphone() -> Template {
    Template::new([
        Part::literal("Mozilla/5.0 (iPhone; CPU iPhone OS "),
        Part::Words(Words::new(IPHONE_VERSIONS)),
        Part::literal(" Mobile/15E148 Safari/604.1"),
    ])
}
