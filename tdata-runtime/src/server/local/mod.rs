//! `local`: a server booted from this machine's programs.

mod boot;
mod programs;

pub(super) use boot::boot;
pub(super) use programs::find as find_programs;
