//! Functions that migrate.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

use tdata_core::diagnostic::in_lines;
use tdata_postgres::{error_without_rows, text_without_rows};
use tokio::runtime::Builder;

use super::error::ProgramError;
use super::target::Target;

/// What a function of somebody else fails with.
type Failure = Box<dyn Error + Send + Sync>;

/// What somebody else's function does with a URL.
type Migrate = dyn Fn(&str) -> Result<(), Failure> + Send + Sync;

/// A function that migrates the database of a URL.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) version: String,
    migrate: Arc<Migrate>,
}

impl Function {
    pub(crate) fn new<E: Into<Failure>>(
        version: String,
        migrate: impl Fn(&str) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        Self { version, migrate: Arc::new(move |url| migrate(url).map_err(Into::into)) }
    }

    /// Takes an async function. It has a runtime for itself: whoever provisions has none.
    pub(crate) fn new_async<E: Into<Failure>, T: Future<Output = Result<(), E>>>(
        version: String,
        migrate: impl Fn(String) -> T + Send + Sync + 'static,
    ) -> Self {
        Self::new(version, move |url| -> Result<(), Failure> {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(migrate(url.to_owned())).map_err(Into::into)
        })
    }

    /// Runs it on a thread of its own, since nobody can end what takes too long. Its database goes away under it then.
    ///
    /// # Errors
    ///
    /// When it fails, panics, or takes longer than it may.
    pub(crate) fn run(&self, target: &Target<'_>) -> Result<(), ProgramError> {
        let (tell, done) = channel();
        let (migrate, url) = (Arc::clone(&self.migrate), target.url());
        let run = move || drop(tell.send(migrate(&url)));
        let thread = thread::Builder::new().name("tdata-migrate".into()).spawn(run);
        let thread = thread.map_err(ProgramError::Thread)?;
        let failed = |reason: &str| ProgramError::Function {
            version: self.version.clone(),
            reason: in_lines(&target.endpoint.without_password(reason)),
        };
        match done.recv_timeout(target.limit) {
            Ok(result) => result.map_err(|error| failed(&error_without_rows(&*error))),
            Err(RecvTimeoutError::Timeout) => Err(ProgramError::FunctionTooLong {
                version: self.version.clone(),
                limit: target.limit,
            }),
            Err(RecvTimeoutError::Disconnected) => {
                let panic = thread.join().err();
                let message = panic.as_deref().and_then(message).unwrap_or("it says nothing");
                Err(failed(&format!("it panicked: {}", text_without_rows(message))))
            }
        }
    }
}

/// Returns the message of a panic.
fn message(panic: &(dyn Any + Send)) -> Option<&str> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({:?})", self.version)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tdata_postgres::Endpoint;

    use super::*;

    fn run(function: &Function, limit: Duration) -> Result<(), String> {
        let endpoint = Endpoint::new("h", 7, "u", "s3cret");
        let target = Target { endpoint: &endpoint, database: "db", options: "", limit };
        function.run(&target).map_err(|error| error.to_string())
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn functions_get_the_url_and_tell_their_errors() {
        let is_url = |given: &str| given.starts_with("postgres://u:s3cret@h:7/db?");
        let right = Function::new("1".into(), move |given| match is_url(given) {
            true => Ok(()),
            false => Err("another url"),
        });
        assert_eq!(run(&right, MINUTE), Ok(()));
        let later = Function::new_async("1".into(), move |given| async move {
            tokio::task::yield_now().await;
            if is_url(&given) { Ok(()) } else { Err("another url") }
        });
        assert_eq!(run(&later, MINUTE), Ok(()));
        let wrong = Function::new("1".into(), |given| Err(format!("no way to {given}")));
        let told = run(&wrong, MINUTE).unwrap_err();
        let expected = "the function that migrates (version \"1\") failed: no way to postgres://u:[password]@h:7/db?";
        assert!(told.starts_with(expected), "{told}");
    }

    #[test]
    fn rows_and_control_characters_are_not_told() {
        const QUOTED: &str = "\u{1b}[2Jtaken\nDETAIL: Key (email)=(ada@corp.com) already exists.";
        let fails = Function::new("1".into(), |_| Err(QUOTED));
        let panics = Function::new("1".into(), |_| -> Result<(), String> { panic!("{QUOTED}") });
        for function in [fails, panics] {
            let told = run(&function, MINUTE).unwrap_err();
            assert!(told.ends_with(": \\u{1b}[2Jtaken"), "{told}");
        }
    }

    #[test]
    fn a_panic_and_too_long_a_time_are_told() {
        let panics = Function::new("2".into(), |_| -> Result<(), String> { panic!("no table") });
        assert!(run(&panics, MINUTE).unwrap_err().ends_with("it panicked: no table"));
        let (_held, never) = channel::<()>();
        let never = parking_lot::Mutex::new(never);
        let waits = Function::new("3".into(), move |_| never.lock().recv());
        let error = run(&waits, Duration::from_millis(10)).unwrap_err();
        assert!(error.contains("is not done") && error.contains("migration_timeout"), "{error}");
    }
}
