//! The bytes of each format, word by word.

mod shop;

use std::fmt::Write as _;

use tdata_jobs::Format;

#[test]
fn the_bytes_of_formats_stay_as_they_are() {
    for dataset in ["kinds", "written"] {
        let plan = shop::planned(&[dataset]);
        let rows = if dataset == "kinds" { 0..24 } else { 0..3 };
        for format in [Format::Csv, Format::JsonLines, Format::Sql, Format::PgCopy] {
            let bytes =
                shop::bytes(&plan, |file| shop::into_file(dataset, rows.clone(), format, file));
            // Ends of lines are shown, as snapshots know one kind only.
            let text = String::from_utf8(bytes).unwrap().replace('\r', "␍").replace('\t', "␉");
            insta::assert_snapshot!(format!("{dataset}_{format}"), text);
        }
    }
}

#[test]
fn the_bytes_of_binary_copies_stay_as_they_are() {
    let plan = shop::planned(&["kinds"]);
    let bytes =
        shop::bytes(&plan, |file| shop::into_file("kinds", 0..3, Format::PgCopyBinary, file));
    let mut lines = String::new();
    for line in bytes.chunks(32) {
        line.iter().for_each(|byte| write!(lines, "{byte:02x}").unwrap());
        lines.push('\n');
    }
    insta::assert_snapshot!("kinds_pgcopy-binary", lines);
}
