//! What a failing test prints behind its own panic.

use super::declaration::Declaration;
use crate::inject::TestData;

/// Prints the contract in one line, seed and as-of, what the test did to rows, and the line that runs it again
/// on the same data.
pub(super) fn print(declaration: &Declaration, data: &TestData) {
    let contract = data.contract();
    eprintln!(
        "\ntdata: the test ran on {contract}\n\
         tdata: seed {} as of {}, server {} ({})\n\
         {}\
         tdata: to run it again on the same data:\n    {}",
        contract.seed,
        contract.as_of,
        data.server().source(),
        data.server().endpoint().place(),
        changes(data),
        command(declaration, data),
    );
}

/// What the test did to rows: numbers, and no values.
fn changes(data: &TestData) -> String {
    let changes = match data.changes() {
        None => return String::new(),
        Some(changes) if changes.is_empty() => return "tdata: it changed no row\n".to_owned(),
        Some(changes) => changes,
    };
    let lines: String = changes.iter().map(|change| format!("    {change}\n")).collect();
    format!("tdata: what it did to rows, if only to roll it back:\n{lines}")
}

fn command(declaration: &Declaration, data: &TestData) -> String {
    let path = declaration.test_path();
    // The harness names its threads after the tests: cases of one function have names of their own.
    let thread = std::thread::current();
    let name = thread.name().filter(|name| name.starts_with(&path));
    let (filter, exact) = name.map_or((path.as_str(), ""), |name| (name, " -- --exact"));
    format!(
        "TDATA_SEED={} TDATA_AS_OF={} cargo test -p {} {filter}{exact}",
        data.seed(),
        data.as_of(),
        declaration.package,
    )
}
