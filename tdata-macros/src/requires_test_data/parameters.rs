//! A test's parameters: which are injected, and which another attribute supplies.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Pat, PatType, Path, Type, TypePath, TypeReference, parse_quote};

use super::check::Provisioned;
use super::dataset_parameter;
use super::item::TestFn;
use super::test_attribute::{is_cfg, is_inert, is_supplier, supplies_by_name};
use crate::mistakes::{Mistakes, with_help};

/// The types that are injected even where another attribute supplies what bears no mark.
const INJECTED: &[&str] =
    &["TestData", "Dataset", CLIENT, "DatabaseUrl", "PgPool", "PgConnection", "DatabaseConnection"];

/// Those whose names too many crates have, where the crate's stands before it.
const INJECTED_OF: &[(&str, &str)] = &[("deadpool_postgres", "Pool")];

/// Those of other crates that bear an injected type's name.
const OTHERS: &[(&str, &str)] = &[("sqlx", "PgConnection")];

/// The name of the clients that are injected: the synchronous one and an async one.
const CLIENT: &str = "Client";

/// A test's parameters, sorted out.
#[derive(Default)]
pub(super) struct Parameters {
    /// What the function that the test runner calls still takes: what another attribute supplies.
    pub(super) outer: Vec<PatType>,
    /// What the test itself takes: all, without the marks.
    pub(super) inner: Vec<PatType>,
    /// What the test is called with.
    pub(super) arguments: Vec<TokenStream>,
    /// What the compiler is to check of the records among them.
    pub(super) checks: Vec<TokenStream>,
}

impl Parameters {
    /// Sorts out a function's parameters.
    pub(super) fn of(
        function: &TestFn,
        provisioned: &Provisioned,
        tdata: &Path,
        mistakes: &mut Mistakes,
    ) -> Self {
        let test = handle();
        let supplied = function.attributes.iter().any(is_supplier);
        let by_name = function.attributes.iter().any(supplies_by_name);
        let is_async = function.signature.asyncness.is_some();
        let awaited = function.attributes.iter().any(|attribute| attribute.path().is_ident("awt"));
        let mut parameters = Self::default();
        for parameter in &function.signature.inputs {
            // A receiver is a mistake that was told already.
            let FnArg::Typed(parameter) = parameter else { continue };
            for attribute in parameter.attrs.iter().filter(|attribute| is_cfg(attribute)) {
                // The call of the test would pass it all the same.
                let message = with_help(
                    "a test's parameter is always there: it cannot depend on `cfg`",
                    "put the `cfg` on the test, and write one test for either case",
                );
                mistakes.at(attribute, message);
            }
            if supplied && !is_injected(parameter) {
                parameters.supplied(parameter, by_name, awaited, mistakes);
            } else {
                check_injected(parameter, is_async, mistakes);
                let check = dataset_parameter::check(parameter, provisioned, tdata, mistakes);
                parameters.checks.push(check);
                parameters.injected(parameter, &test, is_async);
            }
        }
        parameters
    }

    fn injected(&mut self, parameter: &PatType, test: &Ident, is_async: bool) {
        let name = match &*parameter.pat {
            Pat::Ident(pattern) => pattern.ident.unraw().to_string(),
            _ => "_".to_owned(),
        };
        let ty = &parameter.ty;
        // Whatever is wrong with the type is told at it, and so only once.
        let place = ty.span().resolved_at(Span::call_site());
        self.arguments.push(match is_async {
            true => quote_spanned!(place=> #test.inject_async::<#ty>(#name).make().await),
            false => quote_spanned!(place=> #test.inject::<#ty>(#name)),
        });
        let mut inner = parameter.clone();
        inner.attrs.retain(|attribute| !is_inject(attribute));
        self.inner.push(inner);
    }

    fn supplied(
        &mut self,
        parameter: &PatType,
        by_name: bool,
        awaited: bool,
        mistakes: &mut Mistakes,
    ) {
        let marked = parameter.attrs.iter().any(is_mark);
        let name = match &*parameter.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            _ if marked || !by_name => format_ident!("argument_{}", self.outer.len()),
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

/// Checks that a parameter can be injected, as far as its type's tokens tell.
fn check_injected(parameter: &PatType, is_async: bool, mistakes: &mut Mistakes) {
    let ty = bare(&parameter.ty);
    match ty {
        // A type that is borrowed for good may well be injected.
        Type::Reference(reference) if !is_static(reference) => {
            let (pattern, referenced) = (&parameter.pat, bare(&reference.elem));
            let help = match last_segment(referenced) {
                Some(name) if matches!(&**pattern, Pat::Ident(_)) => {
                    let pattern = pattern.to_token_stream();
                    format!("write `{pattern}: {name}`")
                }
                _ => "take the type without `&`".to_owned(),
            };
            mistakes
                .at(ty, with_help("a test owns what is injected: it takes no reference", &help));
        }
        Type::ImplTrait(_) => {
            let message = with_help(
                "what is injected is found by its type, and `impl` names none",
                "write a type that implements `FromTestData`, such as `data: TestData`",
            );
            mistakes.at(ty, message);
        }
        Type::Path(path) if is_async && is_synchronous_client(path) => {
            let message = with_help(
                "the synchronous client cannot be used in async code",
                "take `tokio_postgres::Client`, or connect another async client to `DatabaseUrl`",
            );
            mistakes.at(parameter, message);
        }
        _ => {}
    }
}

/// Returns a type without the parentheses, or the marks of a macro's parameter, around it.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => bare(&inner.elem),
        Type::Group(inner) => bare(&inner.elem),
        ty => ty,
    }
}

fn is_static(reference: &TypeReference) -> bool {
    reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static")
}

/// Tells whether a type is `postgres::Client` by its path. A mere `Client` may be that of
/// `tokio_postgres`; which it is shows when the test runs.
fn is_synchronous_client(path: &TypePath) -> bool {
    let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
    names.next().is_some_and(|name| name == CLIENT)
        && names.next().is_some_and(|name| name == "postgres")
}

/// Returns the name of a type without its path and its parameters.
fn last_segment(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// Tells whether a parameter is ours even beside an attribute that supplies parameters.
fn is_injected(parameter: &PatType) -> bool {
    if parameter.attrs.iter().any(is_inject) {
        return true;
    }
    let (ty, borrowed) = match bare(&parameter.ty) {
        Type::Reference(reference) => (bare(&reference.elem), true),
        ty => (ty, false),
    };
    let (Type::Path(path), Some(name)) = (ty, last_segment(ty)) else { return false };
    // A reference is a mistake, and no one but us can tell. That to a client may be a fixture's.
    let may_be = !(borrowed && name == CLIENT);
    let known_of = |table: &[(&str, &str)]| {
        let first = &path.path.segments[0].ident;
        table.iter().any(|(of, known)| first == of && name == *known)
    };
    let known = INJECTED.contains(&&*name) && !known_of(OTHERS) || known_of(INJECTED_OF);
    may_be && known && !parameter.attrs.iter().any(is_mark)
}

fn is_inject(attribute: &Attribute) -> bool {
    attribute.path().is_ident("inject")
}

/// Tells whether an attribute says how another one supplies a parameter.
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
        let parameters = Parameters::of(
            &function,
            &Provisioned::default(),
            &parse_quote!(::tdata),
            &mut mistakes,
        );
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
    fn with_rstest_async_tests_get_clients_and_pools() {
        assert_split(
            quote! {
                #[rstest]
                #[tokio::test]
                async fn a(
                    db: tokio_postgres::Client,
                    pool: deadpool_postgres::Pool,
                    orm: DatabaseConnection,
                    other: bb8::Pool<Manager>,
                    connection: sqlx::PgConnection,
                ) {}
            },
            &["other: bb8::Pool<Manager>", "connection: sqlx::PgConnection"],
            &[
                "db: tokio_postgres::Client",
                "pool: deadpool_postgres::Pool",
                "orm: DatabaseConnection",
                "other: bb8::Pool<Manager>",
                "connection: sqlx::PgConnection",
            ],
            &[
                "test.inject_async::<tokio_postgres::Client>(\"db\").make().await",
                "test.inject_async::<deadpool_postgres::Pool>(\"pool\").make().await",
                "test.inject_async::<DatabaseConnection>(\"orm\").make().await",
                "other",
                "connection",
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
    fn cases_are_supplied_in_their_order() {
        assert_split(
            quote!(
                #[test_case(1, (2, 3))]
                fn a(n: u8, (x, y): (u8, u8), data: TestData) {}
            ),
            &["n: u8", "argument_1: (u8, u8)"],
            &["n: u8", "(x, y): (u8, u8)", "data: TestData"],
            &["n", "argument_1", "test.inject::<TestData>(\"data\")"],
        );
    }

    fn mistakes_of(function: TokenStream) -> Vec<String> {
        let mut mistakes = Mistakes::default();
        let Item::Function(function) = Item::parse(function, &mut mistakes) else {
            panic!("no function")
        };
        Parameters::of(&function, &Provisioned::default(), &parse_quote!(::tdata), &mut mistakes);
        mistakes.messages()
    }

    #[test]
    fn what_cannot_be_injected_is_told() {
        for (function, message) in [
            // rstest finds fixtures by their names.
            (
                quote!(
                    #[rstest]
                    fn a((x, y): Pair) {}
                ),
                "a fixture that is taken apart",
            ),
            (
                quote!(
                    #[test]
                    fn a(#[cfg(unix)] data: TestData) {}
                ),
                "a test's parameter is always",
            ),
            (
                quote!(
                    #[test]
                    fn a(data: &TestData) {}
                ),
                "a test owns what is injected",
            ),
            (
                quote!(
                    #[rstest]
                    fn a(data: &mut tdata::TestData) {}
                ),
                "a test owns what is injected",
            ),
            (
                quote!(
                    #[test]
                    fn a(data: impl Shop) {}
                ),
                "what is injected is found by its type",
            ),
            (
                quote!(
                    #[tokio::test]
                    async fn a(db: postgres::Client) {}
                ),
                "the synchronous client",
            ),
        ] {
            let mistakes = mistakes_of(function);
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            assert!(mistakes[0].starts_with(message), "{mistakes:?}");
        }
        let reference = mistakes_of(quote!(
            #[test]
            fn a(data: &TestData) {}
        ));
        assert!(reference[0].ends_with("write `data: TestData`"), "{reference:?}");
    }

    #[test]
    fn what_may_be_injected_is_left_to_the_compiler() {
        for function in [
            quote!(
                #[tokio::test]
                async fn a(db: tokio_postgres::Client) {}
            ),
            quote!(
                #[tokio::test]
                async fn a(db: Client) {}
            ),
            quote!(
                #[test]
                fn a(pool: &'static Pool) {}
            ),
            quote!(
                #[rstest]
                fn a(#[case] text: &str, client: &Client) {}
            ),
        ] {
            assert_eq!(mistakes_of(function), [] as [&str; 0]);
        }
    }
}
