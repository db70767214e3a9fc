//! The masking techniques, one file each.

pub(super) mod anonymize_email;
pub(super) mod anonymize_ip;
pub(super) mod date_of_birth;
pub(super) mod generalize_user_agent;
pub(super) mod hash_ssn;
pub(super) mod mask_credit_card;
pub(super) mod randomize_address;
pub(super) mod redact;
pub(super) mod redact_phone;
pub(super) mod replace_name;
pub(super) mod shift_date;
