//! The generators: laws that all of them keep, and what each promises.

mod dates;
mod golden;
mod laws;
mod lengths;
mod messages;
mod patterns;
mod safety;
mod samples;
mod spread;
