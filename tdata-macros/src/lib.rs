//! The macros of [tdata](https://docs.rs/tdata), which re-exports them.

mod cache;
mod definitions;
mod mistakes;
mod requires_test_data;

use proc_macro::TokenStream;

use definitions::Definitions;
use requires_test_data::Place;

/// Placeholder.
#[proc_macro_attribute]
pub fn requires_test_data(options: TokenStream, item: TokenStream) -> TokenStream {
    let place = Place::of_call_site();
    requires_test_data::requires_test_data(
        options.into(),
        item.into(),
        place.as_ref(),
        Definitions::of_this_package(),
    )
    .into()
}
