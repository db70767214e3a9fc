//! What factories take: building beside the crate `fake`, and creating beside single inserts.
//!
//! # Building
//!
//! A million users of ten fields are built in memory, in one thread, and kept. tdata's come from
//! `UserFactory::new().build_batch(..)`, with the generators of `data_definitions/users.yaml`; those of
//! `fake` from its `Dummy` derive, with the fakers that come nearest to these generators. tdata's ids and
//! addresses are unique; those of `fake` repeat.
//!
//! # Creating
//!
//! 10,000 users get into one table, each time into a new database. `create_batch` makes them and
//! stores them with the account they share. `single inserts` is the fastest way to store rows one by
//! one: a prepared `INSERT` on one connection, of rows that are made before the clock starts.
//! `single creates` is `create` in a loop.
//!
//! The sides take turns, and medians are compared.

mod build;
mod create;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Linux only; elsewhere nothing is said.
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load before: {}\n", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    let build_ratio = build::run();
    let create_batch_ratio = create::run()?;
    println!("\nbuild_ratio={build_ratio:.2} create_batch_ratio={create_batch_ratio:.2}");
    Ok(())
}
