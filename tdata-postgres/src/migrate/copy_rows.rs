//! Sends the rows behind a `COPY … FROM STDIN`.

use std::io::Write as _;

use postgres::Client;

/// How many bytes are sent at once.
const PIECE: usize = 256 << 10;

/// Sends rows.
pub(super) fn send(
    client: &mut Client,
    statement: &str,
    rows: &[u8],
) -> Result<(), postgres::Error> {
    let mut writer = client.copy_in(statement)?;
    for piece in rows.chunks(PIECE) {
        // Whatever the server does not take it says at the end.
        if writer.write_all(piece).is_err() {
            break;
        }
    }
    writer.finish().map(|_rows| ())
}

/// Reads what a `COPY … TO STDOUT` gives, for nobody.
pub(super) fn discard(client: &mut Client, statement: &str) -> Result<(), postgres::Error> {
    let mut reader = client.copy_out(statement)?;
    let read = std::io::copy(&mut reader, &mut std::io::sink());
    match read.map_err(|error| error.downcast::<postgres::Error>()) {
        Err(Ok(refused)) => Err(refused),
        _ => Ok(()),
    }
}

/// Returns the row, from 1, that PostgreSQL's context of an error names: `COPY people, line 3, column age`.
pub(super) fn row(error: &postgres::Error) -> Option<usize> {
    let context = error.as_db_error()?.where_()?;
    let (_, rest) = context.strip_prefix("COPY ")?.split_once(", line ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
