//! What may be told of errors of somebody else that a database had a part in.

use std::error::Error;
use std::iter::{once, successors};

use postgres::error::DbError;
use tdata_core::diagnostic::said_once;

use super::refusal::Refusal;

/// Where a database's answer begins to quote rows: as the client shows it, as it shows it to programmers, and as other
/// clients do.
const QUOTES: [&str; 3] = ["\nDETAIL:", "\nCONTEXT:", " detail: Some("];

/// Returns an error and its causes as text, each said once, without what the database's answers among them quote of rows.
pub fn error_without_rows(error: &(dyn Error + 'static)) -> String {
    let causes = successors(error.source(), |&cause| cause.source());
    let chain: Vec<&(dyn Error + 'static)> = once(error).chain(causes).collect();
    let answers: Vec<&DbError> = chain.iter().filter_map(|error| error.downcast_ref()).collect();
    let told = chain.iter().filter_map(|error| {
        if let Some(answer) = error.downcast_ref::<DbError>() {
            return Some(Refusal::from(answer).to_string());
        }
        let is_answer = error.downcast_ref::<postgres::Error>();
        // Its cause says it all.
        if is_answer.is_some_and(|error| error.as_db_error().is_some()) {
            return None;
        }
        let text = answers.iter().fold(error.to_string(), without_answer);
        Some(text_without_rows(&text).to_owned())
    });
    said_once(told)
}

/// Returns a text of somebody else up to where it quotes rows as databases do.
pub fn text_without_rows(text: &str) -> &str {
    let end = QUOTES.iter().filter_map(|quote| text.find(quote)).min();
    end.map_or(text, |end| &text[..end])
}

/// Replaces what an error says of its cause.
fn without_answer(text: String, answer: &&DbError) -> String {
    let told = Refusal::from(*answer).to_string();
    let shown = [answer.to_string(), format!("{answer:?}"), format!("{answer:#?}")];
    let text = shown.iter().fold(text, |text, shown| text.replace(shown, &told));
    let message = answer.message();
    match message.is_empty() || told.contains(message) {
        true => text,
        false => text.replace(message, &told),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use postgres::{Client, NoTls};

    use super::*;

    /// Returns the client's error for an answer of a server.
    fn answer(code: &str, message: &str, detail: &str) -> postgres::Error {
        let fields = [("S", "ERROR"), ("C", code), ("M", message), ("D", detail)];
        let fields: String = fields.map(|(kind, text)| format!("{kind}{text}\0")).concat() + "\0";
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("host=127.0.0.1 port={} user=u", listener.local_addr().unwrap().port());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut start = [0; 4];
            stream.read_exact(&mut start).unwrap();
            let mut rest = vec![0; u32::from_be_bytes(start) as usize - start.len()];
            stream.read_exact(&mut rest).unwrap();
            let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
            stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()).unwrap();
        });
        let error = Client::connect(&url, NoTls).err().unwrap();
        server.join().unwrap();
        assert!(error.as_db_error().is_some(), "{error:?}");
        error
    }

    /// What says something of its cause, as errors of migration tools do.
    #[derive(Debug)]
    struct Wrapped(fn(&postgres::Error) -> String, postgres::Error);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0(&self.1))
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.1)
        }
    }

    const TAKEN: [&str; 3] = [
        "23505",
        "duplicate key value violates unique constraint \"one\"",
        "Key (email)=(ada@corp.com) already exists.",
    ];
    const WRONG: [&str; 3] = ["22P02", "invalid input syntax for type integer: \"4111\"", "no"];

    #[test]
    fn answers_are_told_without_values_however_deep_they_are() {
        let says: [fn(&postgres::Error) -> String; 4] = [
            |_| "it failed".to_owned(),
            |error| format!("it failed: {}", error.as_db_error().unwrap()),
            |error| format!("it failed: {}", error.as_db_error().unwrap().message()),
            |error| format!("it failed: {error:?}"),
        ];
        for [code, message, detail] in [TAKEN, WRONG] {
            let own = error_without_rows(&answer(code, message, detail));
            for told in
                says.map(|say| error_without_rows(&Wrapped(say, answer(code, message, detail))))
            {
                assert!(told.starts_with("it failed: ") && told.contains(&own), "{told}");
                assert!(!told.contains("ada@") && !told.contains("4111"), "{told}");
            }
            assert!(own.contains(code) && !own.contains("ada@") && !own.contains("4111"), "{own}");
        }
    }

    #[test]
    fn other_errors_are_told_as_they_are() {
        assert_eq!(error_without_rows(&std::io::Error::other("no way")), "no way");
        let refused = Client::connect("host=/no/such/folder user=u", NoTls).err().unwrap();
        let told = error_without_rows(&refused);
        assert!(told.starts_with("error connecting to server: "), "{told}");
    }

    #[test]
    fn texts_end_before_rows() {
        let error = answer(TAKEN[0], TAKEN[1], TAKEN[2]);
        let shown = error.as_db_error().unwrap().to_string();
        for text in [shown.to_string(), format!("{error:?}"), format!("{error:#?}")] {
            let told = text_without_rows(&text);
            assert!(told.contains("duplicate key") && !told.contains("ada@"), "{told}");
        }
        assert_eq!(text_without_rows("no\ntable"), "no\ntable");
    }
}
