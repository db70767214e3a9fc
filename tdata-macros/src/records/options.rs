//! What `records!` is told: datasets, and options behind them.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::{LitBool, LitStr, Path, Token, parse_quote};

use crate::mistakes::{Mistakes, with_help};

/// What `records!` is told.
pub(super) struct Options {
    /// The datasets; none stands for all.
    pub(super) datasets: Vec<Named>,
    /// Whether each record has a factory.
    pub(super) factories: bool,
    /// Where the crate `tdata` is found, where that is said.
    pub(super) tdata: Option<Path>,
}

/// A dataset, and what its record is called.
pub(super) struct Named {
    pub(super) dataset: LitStr,
    /// The record's name, where one is given.
    pub(super) record: Option<Ident>,
}

/// One of the things between the commas.
enum Entry {
    Dataset(Named),
    Factories(bool),
    Crate(Path),
}

impl Options {
    /// Reads the macro's tokens; all that is wrong goes to `mistakes`.
    pub(super) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options = Self { datasets: Vec::new(), factories: false, tdata: None };
        match (|input: ParseStream<'_>| input.call(entries)).parse2(tokens) {
            Ok(entries) => entries.into_iter().for_each(|entry| options.add(entry, mistakes)),
            Err(mistake) => mistakes.push(mistake),
        }
        options
    }

    fn add(&mut self, entry: Entry, mistakes: &mut Mistakes) {
        match entry {
            Entry::Factories(factories) => self.factories = factories,
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
    let dataset: LitStr = if input.peek(LitStr) {
        input.parse()?
    } else if input.peek(syn::Ident::peek_any) {
        let name = input.call(Ident::parse_any)?.unraw();
        LitStr::new(&name.to_string(), name.span())
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
    match input.parse::<Ident>() {
        Ok(record) => Ok(Entry::Dataset(Named { dataset, record: Some(record) })),
        Err(mistake) => Err(no_name(&dataset.value(), mistake.span())),
    }
}

fn no_name(dataset: &str, span: Span) -> syn::Error {
    let message = format!("this cannot be the name of the record of `{dataset}`");
    let help = "write `users = Customer`; the options are `factories = true` and `crate = path`";
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
        });
        assert_eq!(mistakes, [] as [&str; 0]);
        let datasets: Vec<_> = options.datasets.iter().map(|one| one.dataset.value()).collect();
        assert_eq!(datasets, ["users", "order-items", "factories"]);
        assert_eq!(options.datasets[0].record.as_ref().unwrap(), "Customer");
        assert!(options.factories);
        assert!(options.tdata().is_ident("mine"));
    }

    #[test]
    fn what_is_neither_is_told() {
        let none = "this cannot be the name of the record of `users`\n\
                    help: write `users = Customer`; the options are `factories = true` and `crate = path`";
        for (tokens, message) in [
            (quote!(users, users), "`users` is named twice"),
            (quote!(users orders), "records are named with commas between"),
            (quote!(users = 5), none),
            (quote!(users = true), none),
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
