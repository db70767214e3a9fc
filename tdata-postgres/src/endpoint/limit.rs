//! Connecting, for as long as there is patience.

use std::error::Error as _;
use std::io;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use postgres::{Client, Config, NoTls};

use crate::refusal::Refusal;

/// Connects, or says after a while that nobody answers.
///
/// The client's own limit ends when the connection stands. Looking up a name, and waiting for whatever has taken the
/// connection, has none. So that is done by a thread of its own, which ends when the other side lets go.
pub(super) fn connect(config: Config, patience: Duration) -> Result<Client, Refusal> {
    let (tell, told) = channel();
    let thread = thread::Builder::new().name("tdata-connect".to_owned());
    let begun = thread.spawn(move || {
        // A connection that nobody waits for any more is closed.
        let _ = tell.send(config.connect(NoTls));
    });
    begun.map_err(|error| {
        Refusal::of_shortage(format!("no thread can be started to connect with: {error}"))
    })?;
    match told.recv_timeout(patience) {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) => Err(explained(error)),
        Err(RecvTimeoutError::Timeout) => Err(silence(patience)),
        Err(RecvTimeoutError::Disconnected) => {
            Err(Refusal::on_the_way(&io::Error::other("the database client failed")))
        }
    }
}

fn silence(patience: Duration) -> Refusal {
    let text = format!(
        "nothing came back within {} s. What listens there may be no PostgreSQL server, or a proxy that waits for one",
        patience.as_secs()
    );
    Refusal::on_the_way(&io::Error::new(io::ErrorKind::TimedOut, text))
}

/// Tells what stood in the way as what it is, where the client's own words mislead.
fn explained(error: postgres::Error) -> Refusal {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    if cause == "password missing" {
        return Refusal::of_missing_password();
    }
    let kind =
        error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let was_closed = error.is_closed()
        || matches!(
            kind,
            Some(
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
            )
        );
    if was_closed {
        let text = "the connection was closed before anything came back. What listens there may be no PostgreSQL \
                    server, or a proxy that reaches none";
        return Refusal::on_the_way(&io::Error::new(io::ErrorKind::ConnectionReset, text));
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn config(listener: &TcpListener) -> Config {
        let mut config = Config::new();
        config.host("127.0.0.1").port(listener.local_addr().unwrap().port()).user("app");
        config
    }

    #[test]
    fn whoever_takes_the_connection_and_says_nothing_is_not_waited_for_without_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let refusal = connect(config(&listener), Duration::from_secs(1)).err().unwrap();
        assert!(refusal.to_string().contains("nothing came back within 1 s"), "{refusal}");
    }

    #[test]
    fn whoever_takes_the_connection_and_closes_it_is_told_as_that() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let config = config(&listener);
        thread::spawn(move || drop(listener.accept()));
        let refusal = connect(config, Duration::from_secs(10)).err().unwrap();
        assert!(refusal.to_string().contains("closed before anything came back"), "{refusal}");
        assert!(refusal.is_connection());
    }
}
