//! What each technique makes of samples: the values that no change may alter without a new version.

use std::fmt::Write;

use super::samples::{SAMPLES, development};
use crate::mask::registry::find;

#[test]
fn goldens() {
    let mut golden = String::new();
    for sample in SAMPLES {
        let mask = sample.mask(&development());
        let version = find(sample.technique).unwrap().version;
        writeln!(golden, "{} v{version}", sample.technique).unwrap();
        for (input, output) in sample.inputs.iter().zip(sample.masked(&*mask)) {
            writeln!(golden, "  {input}\n    {output}").unwrap();
        }
    }
    insta::assert_snapshot!(golden);
}
