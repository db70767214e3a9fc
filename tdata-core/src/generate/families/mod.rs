//! The families of generators, one file each; `text` and `literal` hold what several share.

pub(super) mod address;
pub(super) mod boolean;
pub(super) mod card;
pub(super) mod choice;
pub(super) mod company;
pub(super) mod constant;
pub(super) mod email;
pub(super) mod literal;
pub(super) mod lorem;
pub(super) mod moments;
pub(super) mod network;
pub(super) mod pattern;
pub(super) mod person;
pub(super) mod phone;
pub(super) mod random_decimal;
pub(super) mod random_int;
pub(super) mod reference;
pub(super) mod reserved_numbers;
pub(super) mod sequence;
pub(super) mod ssn;
pub(crate) mod text;
pub(super) mod user_agent;
pub(super) mod uuid;
