//! The masking techniques, one file each.

use super::registry::MaskEntry;

mod anonymize_email;
mod anonymize_ip;
mod date_of_birth;
mod generalize_user_agent;
mod hash_ssn;
mod mask_credit_card;
mod randomize_address;
mod redact;
mod redact_phone;
mod replace_name;
mod shift_date;

/// All masking techniques, by name.
pub(super) const ENTRIES: &[MaskEntry] = &[
    anonymize_email::ENTRY,
    anonymize_ip::ENTRY,
    date_of_birth::ENTRY,
    generalize_user_agent::ENTRY,
    hash_ssn::ENTRY,
    mask_credit_card::ENTRY,
    randomize_address::ENTRY,
    redact::ENTRY,
    redact_phone::ENTRY,
    replace_name::ENTRY,
    shift_date::ENTRY,
];
