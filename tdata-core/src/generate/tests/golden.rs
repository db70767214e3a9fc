//! The values themselves, in one file for each version. Whoever changes one raises the generator's version.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::samples::{SAMPLES, Sample, nth};

/// What generators of version 1 made, those among them that have a higher version now.
const FIRST: &str = include_str!("snapshots/generators.snap");

/// Writes the values of a sample.
fn golden(sample: &Sample, version: u32) -> String {
    let generator = sample.generator();
    let mut golden = String::new();
    let title = sample.title();
    writeln!(golden, "{title} version {version}, capacity {}", generator.capacity()).unwrap();
    for text in sample.texts(5) {
        writeln!(golden, "  {text}").unwrap();
    }
    let middle = generator.capacity() / 2;
    writeln!(golden, "  number {middle}: {}", nth(&*generator, middle)).unwrap();
    golden
}

/// Finds what was written of a sample: its title and the lines below.
fn written(file: &str, title: &str) -> Option<String> {
    let start = file.find(&format!("\n{title} version "))? + 1;
    let lines = file[start..].split_inclusive('\n');
    let below = |line: &&str| line.starts_with(' ');
    Some(lines.clone().take(1).chain(lines.skip(1).take_while(below)).collect())
}

#[test]
fn values_stay_what_they_are() {
    let mut files: BTreeMap<u32, String> = BTreeMap::new();
    for sample in SAMPLES {
        let version = sample.entry().version;
        // An earlier version makes no more values; what it made stays.
        if version > 1 {
            let first = written(FIRST, &sample.title()).unwrap_or_default();
            files.entry(1).or_default().push_str(&first);
        }
        files.entry(version).or_default().push_str(&golden(sample, version));
    }
    for (version, golden) in files {
        let file = match version {
            1 => "generators".to_owned(),
            _ => format!("generators_of_version_{version}"),
        };
        insta::with_settings!({ prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(file, golden);
        });
    }
}
