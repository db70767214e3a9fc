//! What the record is called that a foreign key leads to.

use proc_macro2::{Ident, Span};
use quote::format_ident;

use crate::identifier::identifier;
use crate::letter_case::snake_case;

/// Names the record that a foreign key leads to: `account` of `account_id`, `owner_record` of `owner`. Where Rust
/// lets nothing have that name, as of `self_id`, it is `self_record`.
pub(crate) fn parent_name(key: &str, span: Span) -> Ident {
    let name = match stem(key) {
        Some(stem) => snake_case(stem),
        None => format!("{}_record", snake_case(key)),
    };
    identifier(&name, span)
        .or_else(|| identifier(&format!("{name}_record"), span))
        .unwrap_or_else(|| format_ident!("_{name}_record", span = span))
}

/// Returns the name of a foreign key without its `_id`; `None` where it has none.
pub(crate) fn stem(key: &str) -> Option<&str> {
    let stem = key.strip_suffix("_id").or_else(|| key.strip_suffix("Id"));
    stem.filter(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_keys_name_their_parents() {
        for (key, parent) in [
            ("account_id", "account"),
            ("owner", "owner_record"),
            ("type_id", "r#type"),
            ("gen_id", "r#gen"),
            ("self_id", "self_record"),
            ("Self_id", "self_record"),
            ("crate_id", "crate_record"),
            ("super_id", "super_record"),
            ("_id", "_id_record"),
            ("2nd_id", "_2nd_record"),
            ("billingAccountId", "billing_account"),
            ("e-mail", "e_mail_record"),
        ] {
            assert_eq!(parent_name(key, Span::call_site()).to_string(), parent);
        }
    }
}
