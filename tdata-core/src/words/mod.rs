//! Lists of English words, of which generators and masks make texts.
//!
//! The words are part of what rows are made of, so they are tdata's own data and never change: another list
//! would be another version of its generators. They were taken once from the crate `fake` 5.1.0, Copyright (c)
//! 2016 cksac, under the MIT licence (`LICENSE-MIT-fake` beside them) or the Apache licence 2.0.

mod english;
mod list;

pub(crate) use english::{
    CITY_ENDINGS, CITY_PREFIXES, COUNTRIES, COUNTRY_CODES, FIRST_NAMES, LAST_NAMES, LOREM,
    STATE_CODES, STATES, STREET_ENDINGS,
};
pub(crate) use list::WordList;
