//! `local`: a server booted from this machine's programs.

mod account;
mod boot;
mod programs;

pub(super) use boot::boot;
