//! `address` and its parts: `street_address`, `city`, `state`, `postal_code`, `country`.
//!
//! Addresses look American; city, state and postal code are drawn apart and need not agree.

use std::sync::LazyLock;

use super::text::{Part, Template, Words, fitting, last_names};
use crate::generate::{AnyGenerator, Build, GeneratorEntry};
use crate::words::{self, WordList};

pub(in crate::generate) const ADDRESS: GeneratorEntry = GeneratorEntry {
    name: "address",
    version: 1,
    parameters: &[],
    summary: "Whole addresses, such as `12 Main Street, Bakerville, IL 62704`.",
    build: build_address,
};

pub(in crate::generate) const STREET_ADDRESS: GeneratorEntry = GeneratorEntry {
    name: "street_address",
    version: 1,
    parameters: &[],
    summary: "House numbers and streets, such as `12 Main Street`.",
    build: build_street_address,
};

pub(in crate::generate) const CITY: GeneratorEntry = GeneratorEntry {
    name: "city",
    version: 1,
    parameters: &[],
    summary: "Names of cities that hardly exist, such as `Bakerville` or `Port Bakerville`.",
    build: build_city,
};

pub(in crate::generate) const STATE: GeneratorEntry = GeneratorEntry {
    name: "state",
    version: 1,
    parameters: &["format"],
    summary: "States of the USA by name, or by code: `format: code`, or a column that short.",
    build: build_state,
};

pub(in crate::generate) const POSTAL_CODE: GeneratorEntry = GeneratorEntry {
    name: "postal_code",
    version: 1,
    parameters: &[],
    summary: "Postal codes of 5 digits.",
    build: build_postal_code,
};

pub(in crate::generate) const COUNTRY: GeneratorEntry = GeneratorEntry {
    name: "country",
    version: 1,
    parameters: &["format"],
    summary: "Countries by name, or by ISO 3166 code: `format: code`, or a column that short.",
    build: build_country,
};

const STREET_TYPES: [&str; 10] =
    ["Street", "Avenue", "Road", "Lane", "Drive", "Court", "Boulevard", "Way", "Place", "Terrace"];

/// The commonest street names of the USA, to go with those made of family names.
const COMMON_STREETS: [&str; 24] = [
    "Main",
    "Oak",
    "Pine",
    "Maple",
    "Cedar",
    "Elm",
    "Washington",
    "Lake",
    "Hill",
    "Walnut",
    "Spring",
    "North",
    "Ridge",
    "Church",
    "Willow",
    "Mill",
    "Sunset",
    "Railroad",
    "Jackson",
    "Cherry",
    "River",
    "Highland",
    "Chestnut",
    "Meadow",
];

const CITY_ENDINGS: [&str; 8] = ["ville", "ton", "burg", "field", "port", "haven", "side", "bury"];

static CITIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    // Longer names make towns that nobody would live in.
    let names = last_names().within(8);
    let names = names.iter().filter(|name| name.chars().all(char::is_alphabetic));
    names.flat_map(|name| CITY_ENDINGS.map(|ending| format!("{name}{ending}"))).collect()
});

/// City names without blanks, each once.
fn cities() -> Words {
    static LIST: LazyLock<Words> = LazyLock::new(|| Words::new(CITIES.iter().map(String::as_str)));
    LIST.clone()
}

fn street_parts() -> [Part; 5] {
    static NAMES: LazyLock<Words> =
        LazyLock::new(|| Words::new(COMMON_STREETS.into_iter().chain(last_names().iter())));
    let names = Part::Words(NAMES.clone());
    let types = Part::Words(Words::new(STREET_TYPES));
    [Part::number(1, 9_999), Part::literal(" "), names, Part::literal(" "), types]
}

/// The range from the lowest to the highest code in use.
fn postal_code() -> Part {
    let (lowest, highest) = (501, 99_950);
    Part::Number { first: lowest, count: highest - lowest + 1, width: 5 }
}

fn build_street_address(build: &mut Build<'_>) -> Option<AnyGenerator> {
    fitting(build, [Template::new(street_parts())])
}

fn build_address(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let mut parts = Vec::from(street_parts());
    let states = Words::new(words::STATE_CODES.iter());
    parts.extend([Part::literal(", "), Part::Words(cities()), Part::literal(", ")]);
    parts.extend([Part::Words(states), Part::literal(" "), postal_code()]);
    fitting(build, [Template::new(parts)])
}

fn build_city(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let prefixes = Part::Words(Words::new(words::CITY_PREFIXES.iter()));
    let plain = Template::new([Part::Words(cities())]);
    let prefixed = Template::new([prefixes, Part::literal(" "), Part::Words(cities())]);
    fitting(build, [plain, prefixed])
}

fn build_state(build: &mut Build<'_>) -> Option<AnyGenerator> {
    named_or_coded(build, &words::STATES, &words::STATE_CODES)
}

fn build_postal_code(build: &mut Build<'_>) -> Option<AnyGenerator> {
    fitting(build, [Template::new([postal_code()])])
}

fn build_country(build: &mut Build<'_>) -> Option<AnyGenerator> {
    named_or_coded(build, &words::COUNTRIES, &words::COUNTRY_CODES)
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Name,
    Code,
}

/// The longest column that can only be meant for codes, in characters.
const CODE_LENGTH: usize = 3;

fn named_or_coded(
    build: &mut Build<'_>,
    names: &WordList,
    codes: &WordList,
) -> Option<AnyGenerator> {
    let format = build.word("format", &[("name", Format::Name), ("code", Format::Code)]);
    let short = build.length_limit().is_some_and(|limit| limit <= CODE_LENGTH);
    let format = format.unwrap_or(if short { Format::Code } else { Format::Name });
    let list = if format == Format::Code { codes } else { names };
    // Names with remarks, such as `Slovakia (Slovak Republic)`, are none that people write.
    let plain = list.iter().filter(|name| !name.contains(['(', ',', '&']));
    fitting(build, [Template::new([Part::Words(Words::new(plain))])])
}
