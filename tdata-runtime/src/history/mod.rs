//! Definitions of earlier versions, read from the project's Git history without a checkout.

mod advice;
mod git;
mod tag;
mod versions;

pub(crate) use versions::library;
