//! However rows are cut, and however many threads make them: the same bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shop;

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Range;
use std::path::Path;

use proptest::prelude::*;
use tdata_core::plan::Plan;
use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER};
use tdata_jobs::{Asked, Compression, Format, Generate, Manifest, Out, generate};

/// The formats that are streams of bytes.
const FORMATS: [Format; 5] =
    [Format::Csv, Format::JsonLines, Format::Sql, Format::PgCopy, Format::PgCopyBinary];

fn without_header(rows: Range<u64>, format: Format, threads: usize, file: &Path) -> Generate {
    let mut generate = shop::into_file("kinds", rows, format, file);
    generate.layout.header = false;
    generate.threads = NonZeroUsize::new(threads).unwrap();
    generate
}

/// The rows alone: what begins and ends a file of COPY's binary format is taken away.
fn rows_alone(plan: &Plan, rows: Range<u64>, format: Format, threads: usize) -> Vec<u8> {
    let bytes = shop::bytes(plan, |file| without_header(rows.clone(), format, threads, file));
    if format != Format::PgCopyBinary {
        return bytes;
    }
    let bytes = bytes.strip_prefix(BINARY_HEADER).unwrap();
    bytes.strip_suffix(BINARY_TRAILER).unwrap().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn rows_have_the_same_bytes_however_they_are_cut(
        // Pieces begin at 16,384, and blocks at multiples of 1024.
        start in prop_oneof![0u64..100, 900u64..1100, 16_300u64..16_400],
        lengths in proptest::collection::vec(0u64..200, 1..5),
        format in proptest::sample::select(&FORMATS[..]),
        threads in 1usize..4,
    ) {
        let plan = shop::planned(&["kinds"]);
        let (mut at, mut joined) = (start, Vec::new());
        for length in lengths {
            let end = at + length;
            joined.extend(rows_alone(&plan, at..end, format, threads));
            at = end;
        }
        let whole = rows_alone(&plan, start..at, format, 1);
        prop_assert!(joined == whole, "{format} of {start}..{at}");
    }

    #[test]
    fn statements_of_many_rows_are_the_same_where_they_are_not_cut(
        groups in 1u64..40,
        first in 0u64..50,
        second in 0u64..50,
    ) {
        let plan = shop::planned(&["kinds"]);
        let of = |rows: Range<u64>| shop::bytes(&plan, |file| {
            let mut generate = shop::into_file("kinds", rows.clone(), Format::Sql, file);
            generate.layout.rows_per_insert = NonZeroU64::new(groups).unwrap();
            generate
        });
        let (cut, end) = (groups * first, groups * (first + second) + 7);
        prop_assert!([of(0..cut), of(cut..end)].concat() == of(0..end));
    }
}

#[test]
fn frames_are_the_same_where_files_are_cut_between_them() {
    let plan = shop::planned(&["kinds"]);
    let of = |rows: Range<u64>, threads| {
        shop::bytes(&plan, |file| Generate {
            compression: Some(Compression::Zstd),
            ..without_header(rows.clone(), Format::Csv, threads, file)
        })
    };
    let joined = [of(0..32_768, 1), of(32_768..33_000, 3)].concat();
    assert!(joined == of(0..33_000, 2));
    // Elsewhere the rows are, once they are read.
    let joined = [of(0..100, 1), of(100..17_000, 2)].concat();
    let plain = zstd::decode_all(&joined[..]).unwrap();
    assert!(plain == rows_alone(&plan, 0..17_000, Format::Csv, 1));
}

#[test]
fn whoever_makes_a_part_makes_the_same_one() {
    let plan = shop::planned_of(&["kinds"], 6_000.into());
    let make = |folder: &Path, rows: Range<u64>| {
        let manifest = folder.join(format!("{}.json", rows.start));
        let generate_parts = Generate {
            datasets: vec![Asked { dataset: "kinds".to_owned(), rows }],
            out: Out::Folder(folder.to_owned()),
            part_rows: NonZeroU64::new(2_000).unwrap(),
            ..shop::into_file("kinds", 0..0, Format::Csv, folder)
        };
        generate(&shop::recorded(generate_parts, &manifest, "same"), &plan, &()).map(|_| manifest)
    };
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let whole = make(one.path(), 0..6_000).unwrap();
    let whole = Manifest::read(&whole).unwrap();
    let first = Manifest::read(&make(other.path(), 0..2_000).unwrap()).unwrap();
    let rest = Manifest::read(&make(other.path(), 2_000..6_000).unwrap()).unwrap();
    let parts = |manifest: &Manifest| manifest.datasets[0].parts.clone();
    assert_eq!(parts(&whole), [parts(&first), parts(&rest)].concat());
    let names: Vec<String> = parts(&whole).into_iter().filter_map(|part| part.file).collect();
    assert_eq!(names, ["kinds/00000.csv", "kinds/00001.csv", "kinds/00002.csv"]);
    for name in names {
        let read = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
        assert!(read(one.path()) == read(other.path()), "{name}");
    }
    // A part is whole, or it would have another's name.
    for rows in [500..6_000, 0..3_000] {
        let error = make(other.path(), rows).unwrap_err().to_string();
        assert!(error.contains("begin or end within a part"), "{error}");
    }
}

#[test]
fn checksums_are_the_same_in_every_format() {
    let plan = shop::planned(&["kinds"]);
    let of = |format, threads, rows: Range<u64>| {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("m.json");
        let file = folder.path().join("rows");
        let asked = without_header(rows, format, threads, &file);
        generate(&shop::recorded(asked, &manifest, "same"), &plan, &()).unwrap();
        Manifest::read(&manifest).unwrap().datasets[0].checksum
    };
    let sum = of(Format::PgCopy, 1, 0..17_000);
    for format in FORMATS {
        assert_eq!(of(format, 2, 0..17_000), sum, "{format}");
    }
    let mut parts = of(Format::Csv, 2, 7..17_000);
    parts += of(Format::Sql, 2, 0..7);
    assert_eq!(parts, sum);
    assert_ne!(of(Format::Csv, 1, 0..16_999), sum);
}
