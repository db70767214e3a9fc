//! Asks the database within transactions that change nothing.

use postgres::{Client, Row};

/// A session that reads. It opens a transaction when it needs one, and after a refusal another.
pub(super) struct Reader<'a> {
    client: &'a mut Client,
    /// What each transaction begins with.
    before: String,
    is_open: bool,
    is_serial: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(client: &'a mut Client, before: String) -> Self {
        Self { client, before, is_open: false, is_serial: false }
    }

    /// Asks something whose answer is one row. The server may use several processes.
    pub(super) fn ask(&mut self, sql: &str) -> Result<Row, postgres::Error> {
        self.open(false)?;
        let asked = self.client.query_one(sql, &[]);
        self.closed_if_refused(asked)
    }

    /// Asks something for which the rows of a table must come in their order: scans that join each other half-way, or that
    /// several processes share, would not.
    pub(super) fn ask_in_order(&mut self, sql: &str) -> Result<Row, postgres::Error> {
        self.open(true)?;
        let asked = self.client.query_one(sql, &[]);
        self.closed_if_refused(asked)
    }

    /// Asks in other ways.
    pub(super) fn with<T>(
        &mut self,
        ask: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, postgres::Error> {
        self.open(false)?;
        let asked = ask(self.client);
        self.closed_if_refused(asked)
    }

    fn open(&mut self, is_serial: bool) -> Result<(), postgres::Error> {
        if self.is_open && self.is_serial == is_serial {
            return Ok(());
        }
        self.close()?;
        // More memory lets what a subquery returned be looked up, where it is asked for each row.
        let in_order = match is_serial {
            true => {
                "; SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '1GB'"
            }
            false => "",
        };
        self.client.batch_execute(&format!("BEGIN; {}{in_order}", self.before))?;
        (self.is_open, self.is_serial) = (true, is_serial);
        Ok(())
    }

    fn close(&mut self) -> Result<(), postgres::Error> {
        match std::mem::take(&mut self.is_open) {
            true => self.client.batch_execute("ROLLBACK"),
            false => Ok(()),
        }
    }

    fn closed_if_refused<T>(
        &mut self,
        asked: Result<T, postgres::Error>,
    ) -> Result<T, postgres::Error> {
        asked.inspect_err(|_| {
            // Where the connection is broken, the next question tells.
            let _ = self.close();
        })
    }
}

/// Whatever ends it, the session is out of its transaction.
impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let _ = self.close();
    }
}
