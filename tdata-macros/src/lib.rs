//! The macros of tdata.

use proc_macro::TokenStream;

/// Placeholder.
#[proc_macro_attribute]
pub fn requires_test_data(_options: TokenStream, item: TokenStream) -> TokenStream {
    item
}
