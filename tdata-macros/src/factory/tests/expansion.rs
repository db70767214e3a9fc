//! What factories expand to.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;
use quote::quote;

use crate::definitions::Definitions;
use crate::factory::factory;

/// Formats code as people write it.
fn formatted(code: &TokenStream) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=100"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    rustfmt.stdin.take().unwrap().write_all(code.to_string().as_bytes()).unwrap();
    let output = rustfmt.wait_with_output().unwrap();
    assert!(output.status.success(), "this is no Rust: {code}");
    String::from_utf8(output.stdout).unwrap()
}

fn expanded(item: TokenStream) -> String {
    formatted(&factory(item, Definitions::of_this_package()))
}

/// Ten fields, two traits, an association, a sequence and a field made of others.
fn user() -> TokenStream {
    quote! {
        #[record(dataset = "users", partial)]
        #[factory(trait(verified, is_verified = true))]
        #[factory(trait(suspended, status = "suspended", is_verified = false))]
        pub struct User {
            id: i32,
            #[factory(sequence = |n| format!("user{n}@example.com"))]
            email: String,
            phone: String,
            first_name: String,
            #[factory(lazy = |u| u.first_name.to_uppercase())]
            last_name: String,
            status: String,
            is_verified: bool,
            #[factory(association = AccountFactory)]
            account_id: i32,
            organization_id: i32,
            created_at: Instant,
        }
    }
}

#[test]
fn a_factory_is_thin() {
    let text = expanded(user());
    // JSON adds two methods.
    let most = if cfg!(feature = "serde_json") { 260 } else { 235 };
    assert!(text.lines().count() < most, "it has {} lines", text.lines().count());
    if !cfg!(feature = "serde_json") {
        insta::assert_snapshot!(text);
    }
}
