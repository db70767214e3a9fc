//! A test's parameters: which are injected, and which another attribute supplies.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, FnArg, Pat, PatType, Type, parse_quote};

use super::item::TestFn;
use super::test_attribute::{is_inert, is_rstest};
use crate::mistakes::{Mistakes, with_help};

/// The types that are injected even where rstest supplies what bears no mark.
const INJECTED: &[&str] = &["TestData", "Dataset", "Client", "DatabaseUrl"];

/// A test's parameters, sorted out.
#[derive(Default)]
pub(super) struct Parameters {
    /// What the function that the test runner calls still takes: rstest's.
    pub(super) outer: Vec<PatType>,
    /// What the test itself takes: all, without the marks.
    pub(super) inner: Vec<PatType>,
    /// What the test is called with.
    pub(super) arguments: Vec<TokenStream>,
}

impl Parameters {
    /// Sorts out a function's parameters; `test` is the handle that injects.
    pub(super) fn of(function: &TestFn, test: &Ident, mistakes: &mut Mistakes) -> Self {
        let with_rstest = function.attributes.iter().any(is_rstest);
        let awaited = function.attributes.iter().any(|attribute| attribute.path().is_ident("awt"));
        let mut parameters = Self::default();
        for parameter in &function.signature.inputs {
            // A receiver is a mistake that was told already.
            let FnArg::Typed(parameter) = parameter else { continue };
            if with_rstest && !is_injected(parameter) {
                parameters.supplied(parameter, awaited, mistakes);
            } else {
                parameters.injected(parameter, test);
            }
        }
        parameters
    }

    fn injected(&mut self, parameter: &PatType, test: &Ident) {
        let name = match &*parameter.pat {
            Pat::Ident(pattern) => pattern.ident.unraw().to_string(),
            _ => "_".to_owned(),
        };
        let ty = &parameter.ty;
        self.arguments.push(quote!(#test.inject::<#ty>(#name)));
        let mut inner = parameter.clone();
        inner.attrs.retain(|attribute| !is_inject(attribute));
        self.inner.push(inner);
    }

    fn supplied(&mut self, parameter: &PatType, awaited: bool, mistakes: &mut Mistakes) {
        let marked = parameter.attrs.iter().any(is_mark);
        let name = match &*parameter.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            _ if marked => format_ident!("argument_{}", self.outer.len()),
            pattern => {
                // rstest finds a fixture by the parameter's name.
                let message = with_help(
                    "a fixture that is taken apart is named by an attribute",
                    "add `#[from(fixture)]`, or `#[inject]` if tdata supplies it",
                );
                mistakes.at(pattern, message);
                return;
            }
        };
        let mut outer = parameter.clone();
        *outer.pat = parse_quote!(#name);
        self.outer.push(outer);
        let mut inner = parameter.clone();
        inner.attrs.retain(is_inert);
        if !awaited && inner_is_future(&parameter.attrs) {
            let ty = &parameter.ty;
            *inner.ty = parse_quote!(impl ::core::future::Future<Output = #ty>);
        }
        self.inner.push(inner);
        self.arguments.push(quote!(#name));
    }
}

/// Returns the handle that injects. No parameter of the test can be meant by it.
pub(super) fn handle() -> Ident {
    Ident::new("test", Span::mixed_site())
}

/// Tells whether a parameter is ours even beside rstest.
fn is_injected(parameter: &PatType) -> bool {
    if parameter.attrs.iter().any(is_inject) {
        return true;
    }
    let Type::Path(path) = &*parameter.ty else { return false };
    let named = path.path.segments.last().map(|segment| segment.ident.to_string());
    let ours = named.is_some_and(|name| INJECTED.contains(&name.as_str()));
    ours && !parameter.attrs.iter().any(is_mark)
}

fn is_inject(attribute: &Attribute) -> bool {
    attribute.path().is_ident("inject")
}

/// Tells whether an attribute says how rstest supplies a parameter.
fn is_mark(attribute: &Attribute) -> bool {
    !is_inert(attribute) && !is_inject(attribute)
}

/// Tells whether rstest hands the parameter over as a future: `#[future]` without `awt`.
fn inner_is_future(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let awaited = attribute.meta.require_list().is_ok_and(|list| !list.tokens.is_empty());
        attribute.path().is_ident("future") && !awaited
    })
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::super::item::Item;
    use super::*;

    #[track_caller]
    fn assert_split(function: TokenStream, outer: &[&str], inner: &[&str], arguments: &[&str]) {
        let mut mistakes = Mistakes::default();
        let Item::Function(function) = Item::parse(function, &mut mistakes) else {
            panic!("no function")
        };
        let parameters = Parameters::of(&function, &handle(), &mut mistakes);
        assert_eq!(mistakes.messages(), [] as [&str; 0]);
        assert_tokens(&parameters.outer, outer);
        assert_tokens(&parameters.inner, inner);
        assert_tokens(&parameters.arguments, arguments);
    }

    #[track_caller]
    fn assert_tokens(found: &[impl ToTokens], expected: &[&str]) {
        let spaceless = |tokens: String| tokens.replace(' ', "");
        let found = found.iter().map(|tokens| spaceless(tokens.to_token_stream().to_string()));
        let expected = expected.iter().map(|text| spaceless((*text).to_owned()));
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn without_rstest_all_are_injected() {
        assert_split(
            quote!(
                #[test]
                fn a(data: TestData, mut db: Client, #[inject] (x, y): Pair, _: Url) {}
            ),
            &[],
            &["data: TestData", "mut db: Client", "(x, y): Pair", "_: Url"],
            &[
                "test.inject::<TestData>(\"data\")",
                "test.inject::<Client>(\"db\")",
                "test.inject::<Pair>(\"_\")",
                "test.inject::<Url>(\"_\")",
            ],
        );
    }

    #[test]
    fn with_rstest_only_our_types_and_marked_ones_are() {
        assert_split(
            quote! {
                #[rstest]
                fn a(
                    #[case] mut n: u32,
                    #[allow(unused)] data: tdata::TestData,
                    users: Dataset<User>,
                    #[from(pool)] client: Client,
                    #[inject] shop: Shop,
                    fixture: Fixture,
                    #[values((1, 2))] (x, y): (u8, u8),
                ) {}
            },
            &[
                "#[case] n: u32",
                "#[from(pool)] client: Client",
                "fixture: Fixture",
                "#[values((1, 2))] argument_3: (u8, u8)",
            ],
            &[
                "mut n: u32",
                "#[allow(unused)] data: tdata::TestData",
                "users: Dataset<User>",
                "client: Client",
                "shop: Shop",
                "fixture: Fixture",
                "(x, y): (u8, u8)",
            ],
            &[
                "n",
                "test.inject::<tdata::TestData>(\"data\")",
                "test.inject::<Dataset<User>>(\"users\")",
                "client",
                "test.inject::<Shop>(\"shop\")",
                "fixture",
                "argument_3",
            ],
        );
    }

    #[test]
    fn futures_stay_futures_unless_they_are_awaited() {
        let future = "n: impl ::core::future::Future<Output = u8>";
        assert_split(
            quote!(
                #[rstest]
                async fn a(#[future] n: u8, #[future(awt)] m: u8) {}
            ),
            &["#[future] n: u8", "#[future(awt)] m: u8"],
            &[future, "m: u8"],
            &["n", "m"],
        );
        assert_split(
            quote!(
                #[rstest]
                #[awt]
                async fn a(#[future] n: u8) {}
            ),
            &["#[future] n: u8"],
            &["n: u8"],
            &["n"],
        );
    }

    #[test]
    fn a_fixture_taken_apart_needs_a_name() {
        let mut mistakes = Mistakes::default();
        let function = quote!(
            #[rstest]
            fn a((x, y): Pair) {}
        );
        let Item::Function(function) = Item::parse(function, &mut mistakes) else {
            panic!("no function")
        };
        Parameters::of(&function, &handle(), &mut mistakes);
        assert_eq!(mistakes.messages().len(), 1);
    }
}
