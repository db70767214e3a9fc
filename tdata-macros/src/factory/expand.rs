//! The derive as a whole.

use std::sync::Arc;

use proc_macro2::TokenStream;
use syn::DeriveInput;
use tdata_core::diagnostic::Diagnostics;

use super::builder::builder;
use super::entry::entry;
use super::implementation::implementation;
use super::item::FactoryItem;
use super::methods::methods;
use crate::definitions::Definitions;
use crate::mistakes::Mistakes;

/// Returns the factory of a record.
///
/// Where something is wrong, the types are there all the same, so that what uses them gives no
/// errors of its own.
pub(crate) fn factory(
    input: TokenStream,
    definitions: Result<Arc<Definitions>, Diagnostics>,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(mistake) => return mistake.into_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let mut expanded = TokenStream::new();
    if let Some(item) = FactoryItem::read(&input, definitions, &mut mistakes) {
        expanded.extend([entry(&item), builder(&item), methods(&item), implementation(&item)]);
    }
    expanded.extend(mistakes.into_compile_errors());
    expanded
}
