//! What `records!` is told: datasets, and options behind them.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::{LitBool, LitStr, Path, Token, braced, parse_quote};

use crate::mistakes::{Mistakes, with_help};

/// What `records!` is told.
pub(super) struct Options {
    /// The datasets; none stands for all.
    pub(super) datasets: Vec<Named>,
    /// Whether each record has a factory.
    pub(super) factories: bool,
    /// The factories of records that are written by hand.
    pub(super) associations: Vec<Associated>,
    /// Where the crate `tdata` is found, where that is said.
    pub(super) tdata: Option<Path>,
}

/// A dataset, and what its record is called.
pub(super) struct Named {
    pub(super) dataset: LitStr,
    /// The record's name, where one is given.
    pub(super) record: Option<Ident>,
}

/// A dataset whose record is written by hand, and its factory.
pub(super) struct Associated {
    pub(super) dataset: LitStr,
    pub(super) factory: Path,
}

/// One of the things between the commas.
enum Entry {
    Dataset(Named),
    Factories(bool),
    Associations(Vec<Associated>),
    Crate(Path),
}

impl Options {
    /// Reads the macro's tokens; all that is wrong goes to `mistakes`.
    pub(super) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options =
            Self { datasets: Vec::new(), factories: false, associations: Vec::new(), tdata: None };
        match (|input: ParseStream<'_>| input.call(entries)).parse2(tokens) {
            Ok(entries) => entries.into_iter().for_each(|entry| options.add(entry, mistakes)),
            Err(mistake) => mistakes.push(mistake),
        }
        options
    }

    fn add(&mut self, entry: Entry, mistakes: &mut Mistakes) {
        match entry {
            Entry::Factories(factories) => self.factories = factories,
            Entry::Associations(associations) => self.associations.extend(associations),
            Entry::Crate(path) => self.tdata = Some(path),
            Entry::Dataset(named) => {
                let name = named.dataset.value();
                if self.datasets.iter().any(|known| known.dataset.value() == name) {
                    mistakes.at(&named.dataset, format!("`{name}` is named twice"));
                } else {
                    self.datasets.push(named);
                }
            }
        }
    }

    /// Returns where the crate `tdata` is found.
    pub(super) fn tdata(&self) -> Path {
        self.tdata.clone().unwrap_or_else(|| parse_quote!(::tdata))
    }
}

fn entries(input: ParseStream<'_>) -> syn::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    while !input.is_empty() {
        entries.push(entry(input)?);
        if input.is_empty() {
            break;
        }
        if !input.peek(Token![,]) {
            return Err(input.error("records are named with commas between"));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(entries)
}

fn entry(input: ParseStream<'_>) -> syn::Result<Entry> {
    if input.peek(Token![crate]) {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        return Ok(Entry::Crate(input.call(Path::parse_mod_style)?));
    }
    let dataset: LitStr = if input.peek(LitStr) || input.peek(syn::Ident::peek_any) {
        dataset_name(input)?
    } else {
        let help = "such as `tdata::records!(users, orders = Purchase, factories = true)`";
        let message = with_help("`records!` takes datasets, and options after them", help);
        return Err(input.error(message));
    };
    if !input.peek(Token![=]) {
        return Ok(Entry::Dataset(Named { dataset, record: None }));
    }
    input.parse::<Token![=]>()?;
    if input.peek(LitBool) {
        let value = LitBool::parse(input)?;
        return match dataset.value().as_str() {
            "factories" => Ok(Entry::Factories(value.value)),
            other => Err(no_name(other, value.span())),
        };
    }
    if input.peek(syn::token::Brace) {
        return match dataset.value().as_str() {
            "associations" => associations(input).map(Entry::Associations),
            other => Err(no_name(other, input.span())),
        };
    }
    match input.parse::<Ident>() {
        Ok(record) => Ok(Entry::Dataset(Named { dataset, record: Some(record) })),
        Err(mistake) => Err(no_name(&dataset.value(), mistake.span())),
    }
}

/// Reads `{ accounts = AccountFactory }`.
fn associations(input: ParseStream<'_>) -> syn::Result<Vec<Associated>> {
    let content;
    braced!(content in input);
    let one = |input: ParseStream<'_>| {
        let dataset = dataset_name(input)?;
        input.parse::<Token![=]>()?;
        Ok(Associated { dataset, factory: input.call(Path::parse_mod_style)? })
    };
    let all = content.parse_terminated(one, Token![,])?;
    Ok(all.into_iter().collect())
}

/// Reads a dataset's name, bare or in quotes.
fn dataset_name(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let name = input.call(Ident::parse_any)?.unraw();
    Ok(LitStr::new(&name.to_string(), name.span()))
}

fn no_name(dataset: &str, span: Span) -> syn::Error {
    let message = format!("this cannot be the name of the record of `{dataset}`");
    let help = "write `users = Customer`; the options are `factories = true`, \
                `associations = { accounts = AccountFactory }` and `crate = path`";
    syn::Error::new(span, with_help(&message, help))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn parsed(tokens: TokenStream) -> (Options, Vec<String>) {
        let mut mistakes = Mistakes::default();
        let options = Options::parse(tokens, &mut mistakes);
        (options, mistakes.messages())
    }

    #[test]
    fn datasets_and_options_are_told_apart() {
        let (options, mistakes) = parsed(quote! {
            users = Customer, "order-items", factories, factories = true, crate = mine,
            associations = { accounts = AccountFactory, "e-mails" = shop::Mails },
        });
        assert_eq!(mistakes, [] as [&str; 0]);
        let datasets: Vec<_> = options.datasets.iter().map(|one| one.dataset.value()).collect();
        assert_eq!(datasets, ["users", "order-items", "factories"]);
        assert_eq!(options.datasets[0].record.as_ref().unwrap(), "Customer");
        assert!(options.factories);
        let associated = options.associations.iter().map(|one| one.dataset.value());
        assert_eq!(associated.collect::<Vec<_>>(), ["accounts", "e-mails"]);
        assert!(options.tdata().is_ident("mine"));
    }

    #[test]
    fn what_is_neither_is_told() {
        let none = "this cannot be the name of the record of `users`\n\
                    help: write `users = Customer`; the options are `factories = true`, \
                    `associations = { accounts = AccountFactory }` and `crate = path`";
        for (tokens, message) in [
            (quote!(users, users), "`users` is named twice"),
            (quote!(users orders), "records are named with commas between"),
            (quote!(users = 5), none),
            (quote!(users = true), none),
            (quote!(users = { a = B }), none),
            (
                quote!(users, 5),
                "`records!` takes datasets, and options after them\n\
                 help: such as `tdata::records!(users, orders = Purchase, factories = true)`",
            ),
        ] {
            assert_eq!(parsed(tokens).1, [message]);
        }
    }
}
