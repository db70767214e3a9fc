//! `first_name`, `last_name`, `full_name`: names of people, in English-speaking countries.

use super::text::{Part, Template, first_names, fitting, last_names};
use crate::generate::{AnyGenerator, Build, GeneratorEntry};

pub(in crate::generate) const FIRST_NAME: GeneratorEntry = GeneratorEntry {
    name: "first_name",
    version: 1,
    parameters: &[],
    summary: "Given names, such as `Olivia`.",
    build: build_first_name,
};

pub(in crate::generate) const LAST_NAME: GeneratorEntry = GeneratorEntry {
    name: "last_name",
    version: 1,
    parameters: &[],
    summary: "Family names, such as `O'Connell`.",
    build: build_last_name,
};

pub(in crate::generate) const FULL_NAME: GeneratorEntry = GeneratorEntry {
    name: "full_name",
    version: 1,
    parameters: &[],
    summary: "Given and family names, such as `Olivia O'Connell`.",
    build: build_full_name,
};

fn build_first_name(build: &mut Build<'_>) -> Option<AnyGenerator> {
    fitting(build, [Template::new([Part::Words(first_names())])])
}

fn build_last_name(build: &mut Build<'_>) -> Option<AnyGenerator> {
    fitting(build, [Template::new([Part::Words(last_names())])])
}

fn build_full_name(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let (first, last) = (Part::Words(first_names()), Part::Words(last_names()));
    fitting(build, [Template::new([first, Part::literal(" "), last])])
}
