//! The masking techniques: what every one of them must be, and what each makes of samples.

mod goldens;
mod laws;
mod messages;
mod samples;
mod techniques;
