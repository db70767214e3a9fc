//! The generators: laws that all of them keep, and what each promises.

#![expect(clippy::unwrap_used, reason = "all of this is tests, their helpers too")]

mod dates;
mod golden;
mod laws;
mod lengths;
mod messages;
mod patterns;
mod safety;
mod samples;
mod spread;
