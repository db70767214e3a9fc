//! What verbs do, and how they end.

mod run;

use run::Project;

#[test]
fn rows_go_to_standard_output_and_all_else_to_standard_error() {
    let project = Project::new();
    let said = project.run(&["generate", "users", "--rows", "0..3"]);
    assert_eq!(said.code, Some(0));
    assert_eq!(said.out.lines().count(), 4, "{}", said.out);
    assert!(said.out.starts_with("id,email,status\n1,user."), "{}", said.out);
    assert!(said.err.trim_start().starts_with("Generated 3 rows"), "{}", said.err);
    let quiet = project.run(&["generate", "users", "--rows", "0..3", "--quiet"]);
    assert_eq!((quiet.out, quiet.err), (said.out, String::new()));
    let json = project.run(&["generate", "users", "--rows", "0..3", "--summary", "json"]);
    let summary: serde_json::Value = serde_json::from_str(&json.err).unwrap();
    assert_eq!((&summary["rows"], &summary["datasets"]["users"]), (&3.into(), &3.into()));
}

#[test]
fn rows_are_a_function_of_what_is_said() {
    let project = Project::new();
    let rows = |options: &[&str]| {
        let all = [&["generate", "users", "--rows", "10..20", "--no-header"], options].concat();
        project.out(&all)
    };
    let usual = rows(&[]);
    assert_eq!(rows(&["--seed", "42", "--as-of", "2024-05-01", "--mask"]), usual);
    for other in [&["--seed", "7"][..], &["--no-mask"], &["--format", "jsonl"]] {
        assert_ne!(rows(other), usual, "{other:?}");
    }
    // Of more rows, these are the same; and however many threads make them.
    assert_eq!(rows(&["--volumes", r#"{"users":9000}"#, "--jobs", "1"]), usual);
    let whole = project.out(&["generate", "users", "--rows", "20", "--no-header"]);
    assert!(whole.ends_with(&usual));
}

#[test]
fn foreign_keys_depend_on_the_volume_of_parents() {
    let project = Project::new();
    let keys = |volumes: &str| {
        let lines = project.out(&["generate", "orders", "--no-header", "--volumes", volumes]);
        let key = |line: &str| line.rsplit(',').next().unwrap().parse::<u64>().unwrap();
        lines.lines().map(key).max().unwrap()
    };
    assert!(keys("users=10,orders=500") <= 10);
    assert!(keys(r#"{"users":"full","orders":500}"#) > 1000);
}

#[test]
fn a_folder_gets_parts_and_a_manifest_that_verifies() {
    let project = Project::new();
    let volumes = r#"{"users":2500,"orders":1000}"#;
    let generate = |out: &str, more: &[&str]| {
        let all = ["generate", "users", "--volumes", volumes, "--out", out, "--part-rows", "1000"];
        project.out(&[&all[..], more].concat())
    };
    generate("data/", &["orders"]);
    assert_eq!(project.files("data"), ["manifest.json", "orders", "users"]);
    assert_eq!(project.files("data/users"), ["00000.csv", "00001.csv", "00002.csv"]);
    let said = project.run(&["verify", "data"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("users        3  2,500"), "{}", said.out);

    // The same rows, made in two runs and in another format.
    generate("first/", &["orders", "--rows", "0..1000", "--format", "pgcopy"]);
    generate("rest/", &["--rows", "1000..2500", "--format", "sql", "--compress", "zstd"]);
    assert_eq!(project.files("rest/users"), ["00001.sql.zst", "00002.sql.zst"]);
    project.out(&["verify", "first/manifest.json", "rest", "--against", "data"]);
    let said = project.run(&["verify", "first", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(said.code, Some(3));
    assert_eq!(json["problems"][0], "`users`: no part has rows 1000..2500");

    // Another seed is another contract.
    generate("other/", &["--rows", "1000..2500", "--seed", "7"]);
    let said = project.run(&["verify", "first", "other"]);
    assert_eq!(said.code, Some(3));
    assert!(said.err.contains("they have seed 42 and 7"), "{}", said.err);
    project.write("data/users/00001.csv", "damaged");
    let said = project.run(&["verify", "data"]);
    assert_eq!(said.code, Some(3));
    assert!(said.err.contains("00001.csv has 7 bytes"), "{}", said.err);
}

#[test]
fn parts_of_an_earlier_run_that_are_none_any_more_are_told() {
    let project = Project::new();
    for rows in ["users=5000", "users=2000"] {
        let parts =
            ["generate", "users", "--volumes", rows, "--part-rows", "1000", "--out", "data/"];
        project.out(&parts);
    }
    let said = project.run(&["verify", "data", "--format", "json"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let problems = told["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 3, "{problems:?}");
    for (problem, file) in problems.iter().zip(["00002.csv", "00003.csv", "00004.csv"]) {
        assert!(problem.as_str().unwrap().contains(file), "{problem}");
    }
    project.out(&["verify", "data", "--no-files"]);
}

#[test]
fn a_dataset_of_the_contract_without_parts_is_told_and_demanded_where_that_is_said() {
    let project = Project::new();
    let volumes = ["--volumes", "users=20,orders=30", "--out", "users/"];
    project.out(&[&["generate", "users"], &volumes[..]].concat());
    let said = project.run(&["verify", "users"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("the contract has `orders`, too"), "{said:?}");
    let said = project.run(&["verify", "users", "--whole"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("`orders`: no manifest has any part"), "{said:?}");
}

#[test]
fn the_line_that_loads_a_file_names_its_columns() {
    let project = Project::new();
    for (out, line) in [
        ("users.copy", "\\copy users (id, email, status) from 'users.copy'\n"),
        (
            "users.csv",
            "\\copy users (id, email, status) from 'users.csv' with (format csv, header)\n",
        ),
        ("users.bin", "\\copy users (id, email, status) from 'users.bin' with (format binary)\n"),
        ("it's.copy", "\\copy users (id, email, status) from 'it''s.copy'\n"),
        ("users.copy.zst", "from program 'zstd -dc users.copy.zst'\n"),
    ] {
        let said = project.run(&["generate", "users", "--rows", "2", "--out", out]);
        assert!(said.err.contains(line), "{said:?}");
    }
    for out in ["users.sql", "users.jsonl", "data/", "-"] {
        let said = project.run(&["generate", "users", "--volume", "2", "--out", out]);
        assert!(said.code == Some(0) && !said.err.contains("\\copy"), "{said:?}");
    }
}

#[test]
fn names_of_files_say_format_and_compression() {
    let project = Project::new();
    for (file, starts) in [
        ("users.jsonl", &b"{\"id\":1,"[..]),
        ("users.sql", b"INSERT INTO users (id,"),
        ("users.copy", b"1\tuser."),
        ("users.bin", b"PGCOPY\n"),
        ("users.csv", b"id,email"),
        ("users.csv.zst", &[0x28, 0xb5, 0x2f, 0xfd]),
    ] {
        project.out(&["generate", "users", "--rows", "100", "--out", file]);
        let bytes = std::fs::read(project.path().join(file)).unwrap();
        assert!(bytes.starts_with(starts), "{file}");
    }
    assert!(!project.files(".").iter().any(|name| name.ends_with(".unfinished")));
    // Statements of several datasets go into one file, parents first.
    project.out(&["generate", "orders", "--with-parents", "--rows", "5", "--out", "all.sql"]);
    let sql = project.read("all.sql");
    assert!(sql.starts_with("INSERT INTO users") && sql.contains("\nINSERT INTO orders"));
    project.out(&["generate", "users", "--rows", "5", "-o", "m.csv", "--manifest", "m.json"]);
    assert_eq!(project.run(&["verify", "m.json"]).code, Some(3), "95 rows are missing");
}

#[test]
fn mistakes_of_definitions_are_told_with_their_place() {
    let project = Project::new();
    let users = project.read("data_definitions/users.yaml");
    assert_eq!(project.run(&["check"]).code, Some(0));
    project.write("data_definitions/users.yaml", &users.replace("sequence", "squence"));
    project.write("tdata.toml", "as_of = 2024-05-01\nsede = 7\n");
    let said = project.run(&["check", "--color", "never"]);
    assert_eq!(said.code, Some(3));
    for part in ["did you mean `sequence`?", "users.yaml:9:", "tdata.toml:2:1", "2 mistakes in 2"] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    let said = project.run(&["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&json["mistakes"], &json["told"][1]["line"]), (&2.into(), &9.into()));
    let said = project.run(&["generate", "users"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    let said = project.run(&["generate", "users", "--color", "always"]);
    assert!(said.err.contains("\u{1b}[1m\u{1b}[31merror"), "{:?}", said.err);
}

#[test]
fn a_dataset_that_is_not_there_is_told() {
    let project = Project::new();
    for verb in ["generate", "show-spec"] {
        let said = project.run(&[verb, "usrs"]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
        assert!(said.err.contains("did you mean `users`?"), "{}", said.err);
    }
    let said = project.run(&["check", "--project", "/"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("no folder from / upwards"), "{}", said.err);
}

#[test]
fn a_definition_is_shown_as_written_and_as_planned() {
    let project = Project::new();
    let written = project.read("data_definitions/users.yaml");
    assert_eq!(project.out(&["show-spec", "users"]), written);
    assert_eq!(project.out(&["show-spec", "--dataset", "users"]), written);
    insta::assert_snapshot!("resolved", project.out(&["show-spec", "orders", "--resolved"]));
    let json = project.out(&["show-spec", "users", "--resolved", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["fields"][1]["mask"]["rule"], "anonymize_email");
    assert_eq!(json["version"], "v1.0.0");
}

#[test]
fn definitions_come_out_of_git() {
    let project = Project::new();
    let git = |arguments: &[&str]| {
        let all = [&["-c", "user.name=a", "-c", "user.email=a@example.com"], arguments].concat();
        let done = std::process::Command::new("git").args(all).current_dir(project.path()).output();
        assert!(done.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "one"]);
    git(&["tag", "v1.0.0"]);
    let users = project.read("data_definitions/users.yaml");
    let later = users.replace("v1.0.0", "v2.0.0").replace("name: status", "name: state");
    project.write("data_definitions/users.yaml", &later);
    assert_eq!(project.out(&["show-spec", "users"]), later);
    assert_eq!(project.out(&["show-spec", "users", "--version", "v1.0.0"]), users);
    let rows = project.out(&["generate", "users", "--rows", "1", "--version", "v1.0.0"]);
    assert!(rows.starts_with("id,email,status\n"), "{rows}");
    let said = project.run(&["generate", "users", "--version", "v9.9.9"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("has no version v9.9.9 in Git"), "{}", said.err);
}

#[test]
fn a_project_with_migrations_is_planned_by_its_definitions() {
    let project = Project::new();
    std::fs::create_dir(project.path().join("db")).unwrap();
    project.write("tdata.toml", "as_of = 2024-05-01\nmigrations = \"db\"\n");
    project.write("db/1.sql", "CREATE TYPE mood AS ENUM ('glad');");
    assert_eq!(project.out(&["generate", "users", "--rows", "1"]).lines().count(), 2);
    let users = project.read("data_definitions/users.yaml");
    project.write("data_definitions/users.yaml", &users.replace("varchar(20)", "mood"));
    let said = project.run(&["generate", "users"]);
    assert_eq!(said.code, Some(1));
    let says = "this was planned by the definitions alone";
    assert!(said.err.contains(says) && said.err.contains("`mood`"), "{}", said.err);
    assert_eq!(project.run(&["check"]).code, Some(0), "the type may be there");
}
