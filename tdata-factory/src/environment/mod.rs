//! What the environment and the clock say: nothing else asks them about settings or time.

mod clock;
mod package;
mod start;
mod variable;

pub use clock::today;
pub use package::{package, workspace};
pub use start::Start;
pub use variable::{parsed, secret, variable};
