//! What factories take: building beside the crate `fake`, and creating beside single inserts.
//!
//! # Building
//!
//! A million users of eleven fields are built in memory, in one thread, and kept. tdata's come from
//! `UserFactory::new().build_batch(..)`, with the generators of `data_definitions/users.yaml`; those of
//! `fake` from its `Dummy` derive, with the fakers that come nearest to these generators. tdata's ids and
//! addresses are unique; those of `fake` repeat.
//!
//! # Creating
//!
//! 10,000 rows get into one table, each time of a new database, on four ways: by `create_batch`; by
//! single inserts, which are the fastest way to store rows one by one (a prepared `INSERT` on one
//! connection, of rows that are made before the clock starts); and by `COPY` alone, of text and of binary rows
//! that are made before, which is the floor. It is done for accounts, which reference nothing, and for users, which
//! have two foreign keys: PostgreSQL checks a key of every row by a query of its own, on either way.
//!
//! The sides take turns, each is the first of them as often as the others, and medians are compared.

mod build;
mod create;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    if build::run_side() {
        return Ok(());
    }
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}\n", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    let build_ratio = build::run()?;
    let create::Speed { ratio, copy_share, binary_share } = create::run()?;
    println!(
        "\nbuild_ratio={build_ratio:.2} create_batch_ratio={ratio:.2} copy_share={copy_share:.2} \
         copy_binary_share={binary_share:.2}"
    );
    Ok(())
}
