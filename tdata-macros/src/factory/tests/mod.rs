//! What factories expand to, and what is said to mistakes in them.

mod expansion;
mod mistakes;
