//! What the attribute stands on: a test function, or an inline module of them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, FnArg, ItemFn, ItemMod, ReturnType, Safety, Signature, Token, Visibility};

use super::test_attribute::{imported_test, is_inert, is_ours, is_test};
use crate::mistakes::{Mistakes, with_help};

/// The item under the attribute.
pub(super) enum Item {
    Function(Box<TestFn>),
    Module(ItemMod),
    /// Anything else, which is a mistake.
    Other(TokenStream),
}

/// A function whose body is left as it was written.
pub(super) struct TestFn {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
    pub(super) body: TokenStream,
}

impl Item {
    /// Reads the item; one that the attribute cannot stand on goes to `mistakes`.
    pub(super) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let (head, body) = split_body(&tokens);
        let parsed = match parse.parse2(head) {
            Ok(Self::Function(mut test)) => {
                test.body.extend(body);
                Ok(Self::Function(test))
            }
            // A mistake is told where it is only if nothing is left out.
            Err(_) if body.is_some() => parse.parse2(tokens.clone()),
            parsed => parsed,
        };
        let item = match parsed {
            Ok(item) => item,
            Err(mistake) => {
                mistakes.push(mistake);
                return Self::Other(tokens);
            }
        };
        let attributes = match &item {
            Self::Function(test) => &test.attributes,
            Self::Module(module) => &module.attrs,
            Self::Other(_) => &Vec::new(),
        };
        for another in attributes.iter().filter(|attribute| is_ours(attribute)) {
            let message = "`requires_test_data` stands here twice";
            mistakes.at(another, with_help(message, "name all datasets in one"));
        }
        match &item {
            Self::Function(test) => test.check(mistakes),
            Self::Module(module) if module.content.is_none() => {
                let message = with_help(
                    "a module whose code stands in another file cannot be seen from here",
                    "put the attribute on its tests, or put these within `mod tests { .. }` in that file, with the \
                     attribute above it",
                );
                let end = &module.semi;
                let (mod_token, name) = (&module.mod_token, &module.ident);
                mistakes.at(quote!(#mod_token #name #end), message);
            }
            Self::Module(_) => {}
            Self::Other(rest) => {
                let message = "`requires_test_data` stands on a test function, or on a module of \
                               tests";
                mistakes.at(rest.clone().into_iter().next(), message);
                return Self::Other(tokens);
            }
        }
        item
    }
}

/// Splits a function before its body, which nobody here reads: that of a long test would take most of
/// the time. Other items stay whole.
fn split_body(tokens: &TokenStream) -> (TokenStream, Option<TokenTree>) {
    let mut all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_function =
        all.iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "fn"));
    let is_body = |token: &mut TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body = if is_function { all.pop_if(is_body) } else { None };
    (all.into_iter().collect(), body)
}

/// Parses an item. For `Other` only what follows its attributes is returned.
fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
    let whole = input.fork();
    let attributes = input.call(Attribute::parse_outer)?;
    let ahead = input.fork();
    let visibility = ahead.parse::<Visibility>()?;
    if ahead.peek(Token![mod]) {
        let module = whole.parse()?;
        input.advance_to(&whole);
        return Ok(Item::Module(module));
    }
    match ahead.parse::<Signature>() {
        Ok(signature) => {
            input.advance_to(&ahead);
            let body = input.parse::<TokenStream>()?;
            Ok(Item::Function(Box::new(TestFn { attributes, visibility, signature, body })))
        }
        // A mistake in the function's head, not another item.
        Err(mistake) if starts_function(&input.fork().parse::<TokenStream>()?) => Err(mistake),
        Err(_) => Ok(Item::Other(input.parse()?)),
    }
}

fn starts_function(tokens: &TokenStream) -> bool {
    tokens
        .clone()
        .into_iter()
        .take_while(|token| !matches!(token, TokenTree::Punct(_)))
        .any(|token| matches!(&token, TokenTree::Ident(word) if word == "fn"))
}

impl TestFn {
    /// Tells whether one of its attributes makes it a test.
    pub(super) fn is_test(&self) -> bool {
        self.attributes.iter().any(is_test)
    }

    /// Tells whether it has a `#[requires_test_data]` of its own.
    pub(super) fn has_its_own(&self) -> bool {
        self.attributes.iter().any(is_ours)
    }

    /// Checks that a test can be made of the function.
    pub(super) fn check(&self, mistakes: &mut Mistakes) {
        let signature = &self.signature;
        if let Some(token) = &signature.constness {
            mistakes.at(token, "a test cannot be `const`");
        }
        if !matches!(signature.safety, Safety::Default) {
            mistakes.at(&signature.safety, "a test cannot be `unsafe` or `safe`");
        }
        if let Some(abi) = &signature.abi {
            mistakes.at(abi, "a test cannot be `extern`");
        }
        if !signature.generics.params.is_empty() {
            mistakes.at(&signature.generics, "a test cannot be generic");
        }
        if let Some(clause) = &signature.generics.where_clause {
            mistakes.at(clause, "a test cannot have a `where` clause");
        }
        if let Some(variadic) = &signature.variadic {
            mistakes.at(variadic, "a test has no variable number of parameters");
        }
        for parameter in &signature.inputs {
            if let FnArg::Receiver(receiver) = parameter {
                let message = with_help(
                    "a test takes no `self`",
                    "a test is a function of a module, not of an `impl` or a trait",
                );
                mistakes.at(receiver, message);
            }
        }
        if !matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_))) {
            mistakes.at(signature.fn_token, "a test has a body");
        }
    }

    /// Returns the function as plain code: no test, so that no mistake follows from the first one.
    pub(super) fn into_plain(self) -> TokenStream {
        let Self { attributes, visibility, mut signature, body } = self;
        let imported = attributes.iter().filter_map(imported_test);
        let body = quote!({ #(use #imported as _;)* #body });
        let attributes = attributes.iter().filter(|attribute| is_inert(attribute));
        for parameter in &mut signature.inputs {
            match parameter {
                FnArg::Receiver(receiver) => receiver.attrs.retain(is_inert),
                FnArg::Typed(typed) => typed.attrs.retain(is_inert),
            }
        }
        quote! {
            #(#attributes)*
            #[allow(dead_code, unused)]
            #visibility #signature #body
        }
    }

    /// Returns what the function returns, as in `-> u32`; nothing for `()`.
    pub(super) fn output(&self) -> &ReturnType {
        &self.signature.output
    }
}

impl From<ItemFn> for TestFn {
    fn from(function: ItemFn) -> Self {
        Self {
            attributes: function.attrs,
            visibility: function.vis,
            signature: function.sig,
            body: function.block.into_token_stream(),
        }
    }
}

/// Rewrites every test function of a module and of the modules within, those aside that have a
/// `#[requires_test_data]` of their own. Returns how many tests there are, with those.
pub(super) fn rewrite_tests(
    module: &mut ItemMod,
    rewrite: &mut impl FnMut(TestFn) -> TokenStream,
) -> usize {
    let Some((_, items)) = &mut module.content else { return 0 };
    let mut tests = 0;
    for item in items {
        match item {
            syn::Item::Fn(function) => {
                let test = TestFn::from(function.clone());
                if test.has_its_own() {
                    tests += 1;
                } else if test.is_test() {
                    tests += 1;
                    *item = syn::Item::Verbatim(rewrite(test));
                }
            }
            syn::Item::Mod(inner) if inner.attrs.iter().any(is_ours) => tests += 1,
            syn::Item::Mod(inner) => tests += rewrite_tests(inner, rewrite),
            _ => {}
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn parsed(tokens: TokenStream) -> (Item, Vec<String>) {
        let mut mistakes = Mistakes::default();
        let item = Item::parse(tokens, &mut mistakes);
        let messages = mistakes.messages();
        (item, messages)
    }

    #[test]
    fn a_function_keeps_its_body_unread() {
        let (item, mistakes) = parsed(quote!(#[test] pub(crate) async fn a() -> u8 { 1 ! ? 2 }));
        assert_eq!(mistakes, [] as [&str; 0]);
        let Item::Function(test) = item else { panic!("no function") };
        assert!(test.is_test());
        assert_eq!(test.body.to_string(), quote!({ 1 ! ? 2 }).to_string());
    }

    #[test]
    fn what_cannot_be_a_test_is_told() {
        for (item, message) in [
            (
                quote!(
                    const fn a() {}
                ),
                "a test cannot be `const`",
            ),
            (
                quote!(
                    unsafe fn a() {}
                ),
                "a test cannot be `unsafe` or `safe`",
            ),
            (
                quote!(
                    extern "C" fn a() {}
                ),
                "a test cannot be `extern`",
            ),
            (
                quote!(
                    fn a<T>() {}
                ),
                "a test cannot be generic",
            ),
            (
                quote!(
                    fn a(&self) {}
                ),
                "a test takes no `self`",
            ),
            (
                quote!(
                    fn a();
                ),
                "a test has a body",
            ),
        ] {
            let (_, mistakes) = parsed(item);
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            assert!(mistakes[0].starts_with(message), "{mistakes:?}");
        }
    }

    #[test]
    fn other_items_stay_as_they_are() {
        for item in [
            quote!(
                #[derive(Debug)]
                struct A;
            ),
            quote!(impl A {}),
            quote!(
                const A: u8 = 1;
            ),
        ] {
            let (kept, mistakes) = parsed(item.clone());
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            let Item::Other(kept) = kept else { panic!("{item}") };
            assert_eq!(kept.to_string(), item.to_string());
        }
    }

    #[test]
    fn plain_code_is_no_test() {
        let (item, _) = parsed(quote! {
            /// Kept.
            #[rstest] #[case(1)] #[should_panic]
            fn a(#[case] n: u8, #[allow(unused)] m: u8) {}
        });
        let Item::Function(test) = item else { panic!("no function") };
        let expected = quote! {
            /// Kept.
            #[allow(dead_code, unused)]
            fn a(n: u8, #[allow(unused)] m: u8) { use rstest as _; {} }
        };
        assert_eq!(test.into_plain().to_string(), expected.to_string());
    }

    #[test]
    fn tests_of_inner_modules_are_found() {
        let mut module: ItemMod = parse_quote! {
            mod orders {
                #[test] fn one() {}
                fn no_test() {}
                #[test] #[requires_test_data(datasets = ["users"])] fn its_own() {}
                mod inner { #[tokio::test] async fn two() {} }
                #[tdata::requires_test_data(datasets = ["users"])] mod other { #[test] fn its_own() {} }
            }
        };
        let mut names = Vec::new();
        let tests = rewrite_tests(&mut module, &mut |test| {
            names.push(test.signature.ident.to_string());
            TokenStream::new()
        });
        assert_eq!(names, ["one", "two"]);
        assert_eq!(tests, 4);
    }
}
