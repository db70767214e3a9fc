//! The values themselves. Whoever changes one raises the generator's version.

use std::fmt::Write;

use super::samples::{SAMPLES, nth};

#[test]
fn values_stay_what_they_are() {
    let mut golden = String::new();
    for sample in SAMPLES {
        let generator = sample.generator();
        let version = sample.entry().version;
        let title = sample.title();
        writeln!(golden, "{title} version {version}, capacity {}", generator.capacity()).unwrap();
        for text in sample.texts(5) {
            writeln!(golden, "  {text}").unwrap();
        }
        let middle = generator.capacity() / 2;
        writeln!(golden, "  number {middle}: {}", nth(&*generator, middle)).unwrap();
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("generators", golden);
    });
}
