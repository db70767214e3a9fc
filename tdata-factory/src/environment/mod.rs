//! What the environment and the clock say: nothing else asks them about settings or time.

mod cache;
mod children;
mod clock;
mod package;
mod start;
mod variable;

pub use cache::cache;
pub use children::{for_project, minimal, without_secrets};
pub use clock::today;
pub use package::{package, workspace};
pub use start::Start;
pub use variable::{DATABASE_URLS, MASK_KEY, any_variable, parsed, secret, variable};
