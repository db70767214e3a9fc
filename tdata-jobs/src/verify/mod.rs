//! Files and their manifests verified: all is there, once, as it was made.

mod beside;
mod contract;
mod cover;
mod files;
mod run;

pub use run::{Verified, VerifiedDataset, Verify, verify};
