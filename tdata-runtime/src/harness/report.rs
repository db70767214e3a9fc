//! What a failing test prints behind its own panic.

use tdata_core::diagnostic::in_lines;

use crate::inject::TestData;
use crate::post_mortem::{Failure, PostMortem, TestId, changes_text, examine};

/// Examines what the test left, and prints the contract in one line, seed and as-of, what the test changed, where
/// its bundle is, the data that are kept, and the line that runs it again on the same data.
pub(super) fn print(id: &TestId, data: &TestData, failure: &Failure) {
    let contract = data.contract();
    let PostMortem { changes, bundle, command } = examine(data, id, failure);
    let bundle = match bundle {
        Ok(folder) => format!("tdata: all of it is in {}\n", folder.join("index.html").display()),
        Err(trouble) => format!("tdata: no bundle of it could be written: {trouble}\n"),
    };
    let kept = match data.keep(true).message() {
        message if message.is_empty() => message,
        message => format!("tdata: {message}\n"),
    };
    let attempt = data.recipe().attempt.map(|attempt| format!(", attempt {attempt}"));
    let ordinary = match data.server().gives_ordinary_role() {
        true => ", whose role is no superuser",
        false => "",
    };
    let text = format!(
        "\ntdata: the test ran on {contract}\n\
         tdata: seed {} as of {}, server {} ({}){ordinary}{}\n\
         {}{bundle}{kept}\
         tdata: to run it again on the same data:\n    {command}",
        contract.seed,
        contract.as_of,
        data.server().source(),
        data.server().endpoint().place(),
        attempt.unwrap_or_default(),
        changes_text(&changes),
    );
    eprintln!("{}", in_lines(&text));
}
