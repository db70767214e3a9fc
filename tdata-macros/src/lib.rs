//! The macros of [tdata](https://docs.rs/tdata), which re-exports them.

mod cache;
mod definitions;
mod mistakes;
mod requires_test_data;

use proc_macro::TokenStream;

use definitions::Definitions;

/// Placeholder.
#[proc_macro_attribute]
pub fn requires_test_data(options: TokenStream, item: TokenStream) -> TokenStream {
    requires_test_data::requires_test_data(
        options.into(),
        item.into(),
        Definitions::of_this_package(),
    )
    .into()
}
