//! The families of generators, one file each; `text` and `literal` hold what several share.

use super::registry::GeneratorEntry;

mod address;
mod boolean;
mod card;
mod choice;
mod company;
mod constant;
mod email;
mod literal;
mod lorem;
mod moments;
mod network;
mod pattern;
mod person;
mod phone;
mod random_decimal;
mod random_int;
mod reference;
mod sequence;
mod ssn;
mod text;
mod user_agent;
mod uuid;

/// All generators, by name.
pub(super) const ENTRIES: &[GeneratorEntry] = &[
    address::ADDRESS,
    boolean::ENTRY,
    choice::ENTRY,
    address::CITY,
    company::ENTRY,
    constant::CONSTANT,
    address::COUNTRY,
    card::CREDIT_CARD,
    card::CVV,
    moments::DATE_BETWEEN,
    moments::DATE_OF_BIRTH,
    moments::DATETIME_BETWEEN,
    email::ENTRY,
    person::FIRST_NAME,
    person::FULL_NAME,
    network::IP_ADDRESS,
    person::LAST_NAME,
    constant::NULL,
    pattern::ORDER_NUMBER,
    pattern::PATTERN,
    phone::ENTRY,
    address::POSTAL_CODE,
    random_decimal::ENTRY,
    random_int::ENTRY,
    reference::ENTRY,
    lorem::SENTENCE,
    sequence::ENTRY,
    ssn::ENTRY,
    address::STATE,
    address::STREET_ADDRESS,
    network::URL,
    user_agent::ENTRY,
    uuid::ENTRY,
    lorem::WORD,
];
