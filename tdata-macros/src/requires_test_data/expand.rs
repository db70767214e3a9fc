//! From the attribute's tokens to those of the test.

use std::sync::Arc;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{ItemMod, Pat, parse_quote};
use tdata_core::contract::Scope;
use tdata_core::diagnostic::Diagnostics;

use super::check::{Provisioned, check};
use super::declaration::declaration;
use super::item::{Item, TestFn, rewrite_tests};
use super::options::Options;
use super::parameters::{Parameters, handle};
use super::source_above::{has_test_attribute_above, stands_below_a_test_attribute};
use super::tracked_files::rebuilt_for;
use crate::definitions::Definitions;
use crate::mistakes::{Mistakes, message_of, with_help};

/// Expands `#[requires_test_data]`.
///
/// Whatever is wrong, the item is still there afterwards, so that one mistake makes one error.
pub(crate) fn requires_test_data(
    options: TokenStream,
    item: TokenStream,
    definitions: Result<Arc<Definitions>, Diagnostics>,
) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let options = Options::parse(options, &mut mistakes);
    let item = Item::parse(item, &mut mistakes);
    let provisioned = match definitions {
        Ok(definitions) => check(&options, &definitions, &mut mistakes),
        Err(diagnostics) => {
            diagnostics.iter().for_each(|one| mistakes.at_call_site(message_of(one)));
            Provisioned::default()
        }
    };
    match item {
        Item::Function(test) => function(*test, &options, &provisioned, mistakes),
        Item::Module(tests) => module(tests, &options, &provisioned, mistakes),
        Item::Other(tokens) => with_errors(tokens, mistakes),
    }
}

fn with_errors(item: TokenStream, mistakes: Mistakes) -> TokenStream {
    let errors = mistakes.into_compile_errors();
    quote!(#errors #item)
}

fn function(
    mut test: TestFn,
    options: &Options,
    provisioned: &Provisioned,
    mut mistakes: Mistakes,
) -> TokenStream {
    let is_test = test.is_test();
    if !is_test && !test.signature.inputs.is_empty() && stands_below_a_test_attribute() {
        let message = "`#[requires_test_data]` stands below the test's own attribute, and cannot give it parameters";
        let help = "write `#[requires_test_data(..)]` above `#[test]`, `#[tokio::test]` and the like; or take no \
                    parameters, and call `TestData::current()`";
        mistakes.at(&test.signature.inputs, with_help(message, help));
    }
    if !is_test && !has_test_attribute_above(&test) {
        match &test.signature.asyncness {
            Some(token) => {
                let message = "an async test needs a runtime's test attribute";
                mistakes.at(token, with_help(message, "add `#[tokio::test]` below"));
            }
            None => test.attributes.push(parse_quote!(#[::core::prelude::v1::test])),
        }
    }
    let parameters = Parameters::of(&test, provisioned, &options.tdata, &mut mistakes);
    if !mistakes.is_empty() {
        return with_errors(test.into_plain(), mistakes);
    }
    let head = rebuilt_for(&provisioned.files, &test.attributes);
    test_function(test, parameters, options, None, &head)
}

fn module(
    mut tests: ItemMod,
    options: &Options,
    provisioned: &Provisioned,
    mut mistakes: Mistakes,
) -> TokenStream {
    let original = tests.clone();
    let count = rewrite_tests(&mut tests, &mut |test| {
        test.check(&mut mistakes);
        let parameters = Parameters::of(&test, provisioned, &options.tdata, &mut mistakes);
        test_function(test, parameters, options, Some(Scope::TestClass), &TokenStream::new())
    });
    if count == 0 && tests.content.is_some() {
        let message = with_help(
            "no test in this module",
            "the tests in it need their test attribute, such as `#[test]`",
        );
        mistakes.at(&tests.ident, message);
    }
    if !mistakes.is_empty() {
        let mut plain = original;
        rewrite_tests(&mut plain, &mut TestFn::into_plain);
        return with_errors(quote!(#plain), mistakes);
    }
    let files = rebuilt_for(&provisioned.files, &tests.attrs);
    if let Some((_, items)) = &mut tests.content {
        items.push(syn::Item::Verbatim(files));
    }
    quote!(#tests)
}

/// Returns the function that the test runner calls, with the test itself within.
fn test_function(
    test: TestFn,
    parameters: Parameters,
    options: &Options,
    scope: Option<Scope>,
    head: &TokenStream,
) -> TokenStream {
    let declaration = declaration(&test, options, scope);
    let Parameters { outer, inner, arguments, checks } = parameters;
    let inner_name = inner_name(&test.signature.ident, &outer);
    let output = test.output();
    let TestFn { attributes, visibility, signature, body } = &test;
    let name = &signature.ident;
    let asyncness = &signature.asyncness;
    let tdata = &options.tdata;
    let handle = handle();
    // A runtime's attribute takes `async` away, which nobody calls unused then.
    let lints = asyncness.as_ref().map(|_| quote!(#[allow(clippy::unused_async)]));
    let run = match asyncness {
        Some(_) => quote! {
            #tdata::__private::run_async(
                &#declaration,
                async move |#handle| {
                    #[allow(unused_imports)]
                    use #tdata::__private::InjectNothing as _;
                    #inner_name(#(#arguments),*).await
                },
            )
            .await
        },
        // Without arguments of its own the call is a function, and the same code runs all of these: for a
        // closure the compiler would make it once for each test. The block hides its name from the test.
        None if outer.is_empty() => quote! {
            #tdata::__private::run_fn(&#declaration, {
                fn __injected(#handle: &#tdata::__private::Test) #output {
                    #inner_name(#(#arguments),*)
                }
                __injected
            })
        },
        None => quote! {
            #tdata::__private::run(
                &#declaration,
                move |#handle| #inner_name(#(#arguments),*),
            )
        },
    };
    quote! {
        #(#attributes)*
        #visibility #asyncness fn #name(#(#outer),*) #output {
            #head
            #(#checks)*
            #lints
            #asyncness fn #inner_name(#(#inner),*) #output #body
            #run
        }
    }
}

/// Returns the name of the test itself: the function's, which is what panics and snapshots show. A
/// parameter of that name would hide it.
fn inner_name(name: &Ident, outer: &[syn::PatType]) -> Ident {
    let hidden =
        outer.iter().any(|one| matches!(&*one.pat, Pat::Ident(known) if known.ident == *name));
    if hidden { format_ident!("{name}_itself") } else { name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(options: TokenStream, item: TokenStream) -> TokenStream {
        // Without definitions, names are checked only where the version is the latest.
        let options = quote!(version = "v1.0.0", #options);
        requires_test_data(options, item, Ok(Arc::default()))
    }

    /// Takes the declaration out, which has its own test.
    fn without_declaration(tokens: &TokenStream) -> String {
        let text = tokens.to_string().replace(' ', "");
        let start = text.find("&::tdata::__private::Declaration{").unwrap();
        let last = "should_panic:&[";
        let rest = start + text[start..].find(last).unwrap();
        let end = rest + text[rest..].find("]}").unwrap() + 2;
        format!("{}DECLARATION{}", &text[..start], &text[end..])
    }

    #[track_caller]
    fn assert_expanded(item: TokenStream, expected: TokenStream) {
        let found = without_declaration(&expanded(quote!(datasets = ["users"]), item));
        assert_eq!(found, expected.to_string().replace(' ', ""));
    }

    #[test]
    fn a_test_calls_the_runtime_with_itself() {
        assert_expanded(
            quote! {
                /// What it proves.
                #[test]
                #[should_panic]
                fn pays(data: TestData) -> Result<(), Error> { pay(&data) }
            },
            quote! {
                /// What it proves.
                #[test]
                #[should_panic]
                fn pays() -> Result<(), Error> {
                    fn pays(data: TestData) -> Result<(), Error> { pay(&data) }
                    ::tdata::__private::run_fn(DECLARATION, {
                        fn __injected(test: &::tdata::__private::Test) -> Result<(), Error> {
                            pays(test.inject::<TestData>("data"))
                        }
                        __injected
                    })
                }
            },
        );
    }

    #[test]
    fn a_function_alone_becomes_a_test() {
        assert_expanded(
            quote! { fn pays() {} },
            quote! {
                #[::core::prelude::v1::test]
                fn pays() {
                    fn pays() {}
                    ::tdata::__private::run_fn(DECLARATION, {
                        fn __injected(test: &::tdata::__private::Test) { pays() }
                        __injected
                    })
                }
            },
        );
    }

    #[test]
    fn an_async_test_awaits_the_runtime() {
        assert_expanded(
            quote! { #[tokio::test] pub async fn pays(data: TestData) { pay(&data).await } },
            quote! {
                #[tokio::test]
                pub async fn pays() {
                    #[allow(clippy::unused_async)]
                    async fn pays(data: TestData) { pay(&data).await }
                    ::tdata::__private::run_async(
                        DECLARATION,
                        async move |test| {
                            #[allow(unused_imports)]
                            use ::tdata::__private::InjectNothing as _;
                            pays(test.inject_async::<TestData>("data").make().await).await
                        },
                    )
                    .await
                }
            },
        );
    }

    #[test]
    fn rstest_supplies_its_own_parameters() {
        assert_expanded(
            quote! { #[rstest] #[case(1)] fn pays(#[case] n: u32, data: TestData, pays: Pays) {} },
            quote! {
                #[rstest]
                #[case(1)]
                fn pays(#[case] n: u32, pays: Pays) {
                    fn pays_itself(n: u32, data: TestData, pays: Pays) {}
                    ::tdata::__private::run(
                        DECLARATION,
                        move |test| pays_itself(n, test.inject::<TestData>("data"), pays),
                    )
                }
            },
        );
    }

    #[test]
    fn the_tests_of_a_module_share_their_class() {
        let tokens = expanded(
            quote!(datasets = ["users"]),
            quote! { mod orders { use super::*; #[test] fn pays(data: TestData) {} fn other() {} } },
        );
        let text = tokens.to_string();
        assert!(text.contains("\"test_class\""), "{text}");
        assert!(text.contains("fn other () { }"), "{text}");
        assert_eq!(text.matches("__private :: run_fn (").count(), 1, "{text}");
    }

    #[test]
    fn a_mistake_leaves_plain_code() {
        let found = requires_test_data(
            quote!(dataset = ["users"]),
            quote!(
                #[test]
                fn pays(data: TestData) {
                    pay(&data)
                }
            ),
            Ok(Arc::default()),
        );
        let text = found.to_string();
        assert!(text.contains("there is no option"), "{text}");
        let plain = quote! {
            #[allow(dead_code, unused)]
            fn pays(data: TestData) { { pay(&data) } }
        };
        assert!(text.ends_with(&plain.to_string()), "{text}");
    }

    #[test]
    fn an_async_test_needs_a_runtime() {
        let text = expanded(
            quote!(datasets = ["users"]),
            quote!(
                async fn pays() {}
            ),
        )
        .to_string();
        assert!(text.contains("add `#[tokio::test]`"), "{text}");
    }
}
