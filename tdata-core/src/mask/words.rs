//! The words that masks are composed of: those of the crate `fake`, in the order of their lengths.

use std::sync::LazyLock;

use fake::locales::{Data, EN};

use super::phrase::{Word, by_length};

type List = LazyLock<Vec<Word>>;

pub(super) static FIRST_NAMES: List = LazyLock::new(|| by_length(EN::NAME_FIRST_NAME));
pub(super) static LAST_NAMES: List = LazyLock::new(|| by_length(EN::NAME_LAST_NAME));
pub(super) static STREET_ENDINGS: List = LazyLock::new(|| by_length(EN::ADDRESS_STREET_SUFFIX));
pub(super) static CITY_ENDINGS: List = LazyLock::new(|| by_length(EN::ADDRESS_CITY_SUFFIX));
pub(super) static STATES: List = LazyLock::new(|| by_length(EN::ADDRESS_STATE));
pub(super) static STATE_CODES: List = LazyLock::new(|| by_length(EN::ADDRESS_STATE_ABBR));
pub(super) static COUNTRIES: List = LazyLock::new(|| by_length(EN::ADDRESS_COUNTRY));
pub(super) static COUNTRY_CODES: List = LazyLock::new(|| by_length(EN::ADDRESS_COUNTRY_CODE));
