//! What the command says of itself, and of wrong use.

mod run;

use run::Project;

const VERBS: [&str; 9] = [
    "check",
    "generate",
    "verify",
    "provision",
    "status",
    "cleanup",
    "show-spec",
    "completions",
    "man",
];

#[test]
fn help_stays_as_it_is() {
    let project = Project::new();
    insta::assert_snapshot!("tdata", project.out(&["--help"]));
    for verb in VERBS {
        let help = project.out(&["help", verb]);
        // What this build can do, other builds may not.
        insta::assert_snapshot!(format!("tdata_{verb}"), help);
    }
}

#[test]
fn wrong_use_ends_with_2_and_says_what_is_right() {
    let project = Project::new();
    for (name, arguments) in [
        ("no_verb", &["genrate"][..]),
        ("no_dataset", &["generate"]),
        ("no_format", &["generate", "users", "--format", "cvs"]),
        ("no_rows", &["generate", "users", "--rows", "9..1"]),
        ("no_volumes", &["generate", "users", "--volumes", "{users}"]),
        ("several", &["generate", "users", "orders"]),
        ("beyond", &["generate", "users", "--rows", "0..50", "--volume", "20"]),
        ("within", &["generate", "users", "--rows", "5..50", "--out", "data/"]),
    ] {
        let said = project.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{arguments:?}");
        insta::assert_snapshot!(format!("wrong_{name}"), said.err);
    }
    assert!(project.files("data").is_empty());
}

#[test]
fn the_version_is_told() {
    let version = format!("tdata {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(Project::new().out(&["--version"]), version);
}

#[test]
fn shells_and_the_manual_know_every_verb() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = project.out(&["completions", shell]);
        VERBS.iter().for_each(|verb| assert!(script.contains(verb), "{shell}: {verb}"));
    }
    assert!(project.out(&["man"]).contains(".SH SUBCOMMANDS"));
    project.out(&["man", "--out", "man1"]);
    let pages = project.files("man1");
    assert!(pages.contains(&"tdata.1".to_owned()), "{pages:?}");
    for verb in VERBS {
        assert!(pages.contains(&format!("tdata-{verb}.1")), "{pages:?}");
    }
}
