//! The words that masks are composed of, in the order of their lengths.

use std::sync::LazyLock;

use super::phrase::{Word, by_length};
use crate::words;

type List = LazyLock<Vec<Word>>;

pub(super) static FIRST_NAMES: List = LazyLock::new(|| by_length(words::FIRST_NAMES.iter()));
pub(super) static LAST_NAMES: List = LazyLock::new(|| by_length(words::LAST_NAMES.iter()));
pub(super) static STREET_ENDINGS: List = LazyLock::new(|| by_length(words::STREET_ENDINGS.iter()));
pub(super) static CITY_ENDINGS: List = LazyLock::new(|| by_length(words::CITY_ENDINGS.iter()));
pub(super) static STATES: List = LazyLock::new(|| by_length(words::STATES.iter()));
pub(super) static STATE_CODES: List = LazyLock::new(|| by_length(words::STATE_CODES.iter()));
pub(super) static COUNTRIES: List = LazyLock::new(|| by_length(words::COUNTRIES.iter()));
pub(super) static COUNTRY_CODES: List = LazyLock::new(|| by_length(words::COUNTRY_CODES.iter()));
