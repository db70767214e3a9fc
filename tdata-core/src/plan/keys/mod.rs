//! Keys of several columns, keys that share columns, and groups that are unique together: solved while planning.
//!
//! Everything here is numbers: datasets, keys and columns are known by their place.

mod digits;
mod places;
