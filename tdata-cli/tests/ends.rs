//! Ends that nobody planned: pipes that close, signals, files that cannot be written.

#![cfg(unix)]

mod run;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use run::Project;

/// So many rows that nobody waits for their end.
const MANY: &str = "0..2000000000";

#[test]
fn a_reader_that_has_enough_is_no_mistake() {
    let project = Project::new();
    for format in ["csv", "jsonl", "sql", "pgcopy", "pgcopy-binary"] {
        let many = ["generate", "users", "--rows", MANY, "--format", format];
        let mut command = project.command(&many);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = Vec::new();
        BufReader::new(child.stdout.take().unwrap()).read_until(b'\n', &mut first).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{format}");
        assert!(!first.is_empty());
    }
}

#[test]
fn what_a_check_finds_wrong_counts_whoever_reads_it() {
    let project = Project::new();
    project.out(&["generate", "users", "--rows", "2", "-o", "u.csv", "--manifest", "m.json"]);
    project.write("u.csv", "damaged");
    project.write("data_definitions/other.yaml", "broken");
    for verb in [
        &["verify", "m.json"][..],
        &["verify", "m.json", "--format", "json"],
        &["check", "--format", "json"],
    ] {
        let mut child = project.command(verb).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(3), "{verb:?}");
    }
}

#[test]
fn an_interrupt_leaves_no_file() {
    let project = Project::new();
    for (signal, out) in [("INT", "users.csv"), ("TERM", "data/"), ("INT", "all.csv.zst")] {
        let mut command = project.command(&["generate", "users", "--rows", MANY, "--out", out]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let folder = if out == "data/" { "data/users" } else { "." };
        let is_begun = || project.files(folder).iter().any(|name| name.ends_with(".unfinished"));
        let start = Instant::now();
        while !is_begun() {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing was begun");
            std::thread::sleep(Duration::from_millis(20));
        }
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert!(said.contains("error: interrupted"), "{said}");
        assert!(!is_begun() && !project.exists("users.csv") && !project.exists("all.csv.zst"));
        assert!(!project.exists("data/manifest.json") && project.files("data/users").is_empty());
    }
}

#[test]
fn a_file_that_is_there_stays_until_the_new_one_is_whole() {
    let project = Project::new();
    project.write("users.csv", "before");
    project.write("data_definitions/other.yaml", "broken");
    let said =
        project.run(&["generate", "users", "--rows", "50", "--volume", "20", "-o", "users.csv"]);
    assert_eq!((said.code, project.read("users.csv").as_str()), (Some(2), "before"));
    project.out(&["generate", "users", "--rows", "2", "--out", "users.csv"]);
    assert_eq!(project.read("users.csv").lines().count(), 3);
}

#[test]
fn what_is_no_file_is_written_to_as_it_is() {
    let project = Project::new();
    project.out(&["generate", "users", "--rows", "2", "--out", "/dev/null"]);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    project.write("other.csv", "");
    std::os::unix::fs::symlink("other.csv", project.path().join("link.csv")).unwrap();
    project.out(&["generate", "users", "--rows", "2", "--out", "link.csv"]);
    assert!(project.path().join("link.csv").is_symlink());
    assert_eq!(project.read("other.csv").lines().count(), 3);
}

#[test]
fn what_is_no_file_or_a_link_stays_where_a_manifest_goes_there() {
    let project = Project::new();
    let generate = |manifest: &str| {
        let rows = ["generate", "users", "--rows", "2", "-o", "u.csv", "--manifest", manifest];
        project.command(&rows)
    };
    let pipe = project.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = generate("pipe").spawn().unwrap();
    let mut manifest = String::new();
    std::fs::File::open(&pipe).unwrap().read_to_string(&mut manifest).unwrap();
    assert!(child.wait().unwrap().success() && manifest.contains("fingerprint"));
    assert!(!std::fs::symlink_metadata(&pipe).unwrap().is_file());
    project.write("other.json", "before");
    std::os::unix::fs::symlink("other.json", project.path().join("link.json")).unwrap();
    assert!(generate("link.json").status().unwrap().success());
    assert!(project.path().join("link.json").is_symlink());
    assert!(project.read("other.json").contains("fingerprint"));
}

#[test]
fn files_that_killed_runs_have_left_are_removed() {
    let project = Project::new();
    let left = [".u.csv.aB3dEf.unfinished", ".u.json.aB3dEf.unfinished"];
    left.iter().for_each(|name| project.write(name, "left"));
    project.write(".other.csv.aB3dEf.unfinished", "of another name");
    project.write(".u.csv.gH6iJk.unfinished", "of a run that goes on");
    let written = project.path().join(".u.csv.gH6iJk.unfinished");
    let written = std::fs::File::options().write(true).open(written).unwrap();
    written.lock().unwrap();
    project.out(&["generate", "users", "--rows", "2", "-o", "u.csv", "--manifest", "u.json"]);
    assert!(!left.iter().any(|name| project.exists(name)));
    assert!(project.exists(".other.csv.aB3dEf.unfinished"));
    assert!(project.exists(".u.csv.gH6iJk.unfinished"));
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let project = Project::new();
    project.write("taken", "");
    let said = project.run(&["generate", "users", "--rows", "2", "--out", "taken/users.csv"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.starts_with("error: cannot make the folder taken: "), "{}", said.err);
    if std::path::Path::new("/dev/full").exists() {
        let said = project.run(&["generate", "users", "--rows", "2", "--out", "/dev/full"]);
        assert_eq!(said.code, Some(1));
        assert!(said.err.starts_with("error: cannot write /dev/full: "), "{}", said.err);
    }
}
