//! What a record expands to.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;
use quote::quote;

use super::record;
use crate::definitions::Definitions;

/// Returns the code that a record becomes, as people would write it; definitions stand where they do
/// in every checkout.
fn expanded(item: TokenStream) -> String {
    let code = record(item, Definitions::of_this_package()).to_string();
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=100"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    rustfmt.stdin.take().unwrap().write_all(code.as_bytes()).unwrap();
    let output = rustfmt.wait_with_output().unwrap();
    assert!(output.status.success());
    let code = String::from_utf8(output.stdout).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    code.replace(root.to_str().unwrap(), "/shop")
}

#[test]
fn ten_fields_are_little_code() {
    let code = expanded(quote! {
        #[record(dataset = "accounts")]
        struct Account {
            id: i32,
            public_id: Uuid,
            plan: Plan,
            credit: Decimal,
            billing_day: i16,
            signup_ip: IpAddr,
            signup_agent: String,
            opened_on: Date,
            closed_at: Option<DateTime>,
            currency: String,
        }
    });
    assert!(code.lines().count() <= 110, "{} lines:\n{code}", code.lines().count());
    insta::assert_snapshot!(code);
}

#[test]
fn foreign_keys_become_methods() {
    let code = expanded(quote! {
        #[record(dataset = "organizations", partial, crate = my::tdata)]
        pub(crate) struct Company {
            id: i64,
            #[record(rename = "name")]
            title: String,
            #[record(follow = "owner")]
            parent_id: Option<i64>,
            #[record(skip)]
            offices: Vec<Office>,
        }
    });
    insta::assert_snapshot!(code);
}

#[test]
fn a_record_of_memory_proves_nothing() {
    insta::assert_snapshot!(expanded(quote! {
        struct Point {
            x: i32,
            y: i32,
        }
    }));
}
