//! A set-up step before a suite: boots the server and makes ready what tests will ask for first, so that no
//! test waits for it.
//!
//! `cargo run --example prewarm`, or as a set-up script of nextest, as `.config/nextest.toml` has it.

use tdata::{Error, TestData};

fn main() -> Result<(), Error> {
    let tests_at_once = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    TestData::request(["users", "orders", "payments"])
        .volume("users", 50)
        .volume("orders", 200)
        .volume("payments", 200)
        .prewarm(tests_at_once)
}
