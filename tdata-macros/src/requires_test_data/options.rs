//! The attribute's options, each `key = value`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, Path, Token, parse_quote};
use tdata_core::contract::{ContractOption, OPTIONS, PartialContract, Volume};
use tdata_core::diagnostic::nearest;

use super::values::{self, VolumeOption, Written};
use crate::mistakes::{Mistakes, unknown, with_help};

/// The options that are none of the contract's table.
const DATASETS: &str = "datasets";
const VOLUME: &str = "volume";
const CRATE: &str = "crate";

/// Returns the names of all options, in the order they are documented.
fn names() -> impl Iterator<Item = &'static str> {
    [DATASETS].into_iter().chain(OPTIONS.iter().map(|option| option.name)).chain([CRATE])
}

/// The options of one attribute. What was left out or is wrong stays at its default.
pub(crate) struct Options {
    /// The datasets, each with its place.
    pub(crate) datasets: Vec<LitStr>,
    /// The list of datasets, where it is empty.
    pub(crate) no_datasets: Option<TokenStream>,
    /// The volumes by dataset, each with its key's place.
    pub(crate) volumes: Vec<(LitStr, Volume)>,
    /// What the other options say.
    pub(crate) contract: PartialContract,
    /// Where the facade crate is found.
    pub(crate) tdata: Path,
}

impl Options {
    /// Reads the options; all that is wrong goes to `mistakes`.
    pub(crate) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options = Self {
            datasets: Vec::new(),
            no_datasets: None,
            volumes: Vec::new(),
            contract: PartialContract::default(),
            tdata: parse_quote!(::tdata),
        };
        let mut seen: Vec<Ident> = Vec::new();
        // Whether an unreadable option may have been meant for the datasets.
        let mut maybe_datasets = false;
        for written in split(tokens) {
            let written = match written {
                Ok(written) => written,
                Err(mistake) => {
                    maybe_datasets = true;
                    mistakes.push(mistake);
                    continue;
                }
            };
            if seen.contains(&written.key) {
                mistakes.at(&written.key, format!("`{}` is given twice", written.key));
                continue;
            }
            seen.push(written.key.clone());
            if let Err(mistake) = options.read(&written, mistakes) {
                mistakes.push(mistake);
            }
        }
        if !maybe_datasets && !seen.iter().any(may_be_datasets) {
            mistakes.at_call_site(with_help(
                "`datasets` is missing: which data does the test need?",
                "name the definitions, such as `datasets = [\"users\", \"orders\"]`",
            ));
        }
        options
    }

    fn read(&mut self, written: &Written, mistakes: &mut Mistakes) -> syn::Result<()> {
        let name = written.key.to_string();
        match name.as_str() {
            DATASETS => {
                self.datasets = values::datasets(written, mistakes)?;
                let is_empty = written.value.to_string().replace(' ', "") == "[]";
                self.no_datasets = is_empty.then(|| written.value.clone());
            }
            VOLUME => match values::volume(written, mistakes)? {
                VolumeOption::Every(volume) => self.contract.volumes.every = Some(volume),
                VolumeOption::ByDataset(volumes) => self.volumes = volumes,
            },
            CRATE => self.tdata = values::path(written)?,
            _ => match ContractOption::named(&name) {
                Some(option) => values::option(option, written, &mut self.contract)?,
                None => {
                    let message = unknown(format!("there is no option `{name}`"), &name, names());
                    return Err(syn::Error::new(written.key.span(), message));
                }
            },
        }
        Ok(())
    }
}

/// Tells whether a key is `datasets`, or was meant to be.
fn may_be_datasets(key: &Ident) -> bool {
    // To compare the letters of all names takes longer than all else here: most keys need none of it.
    key == DATASETS || nearest(&key.to_string(), names()) == Some(DATASETS)
}

/// Splits options at their commas, so that a mistake in one hides none in the others.
fn split(tokens: TokenStream) -> Vec<syn::Result<Written>> {
    let mut all = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            all.push(option(input)?);
            if input.parse::<Option<Token![,]>>()?.is_none() && !input.is_empty() {
                all.push(Err(input.error("a comma belongs before this")));
            }
        }
        Ok(())
    };
    if let Err(mistake) = parser.parse2(tokens) {
        all.push(Err(mistake));
    }
    all
}

/// Takes one option: `Ok(Err(_))` when it is none, but the next one can be read.
fn option(input: ParseStream<'_>) -> syn::Result<syn::Result<Written>> {
    let key = if input.peek(Ident::peek_any) { Some(input.call(Ident::parse_any)?) } else { None };
    let equals = key.is_some() && input.parse::<Option<Token![=]>>()?.is_some();
    let value = value(input)?;
    Ok(match key {
        Some(key) if equals || value.is_empty() => Ok(Written { key, value }),
        key => Err(syn::Error::new_spanned(
            quote!(#key #value),
            "options are written `name = value`, with commas between",
        )),
    })
}

/// Takes a value: all tokens up to the next comma, or up to the next option where it was forgotten.
fn value(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        let next_option = input.peek(Ident::peek_any) && input.peek2(Token![=]);
        if next_option && !value.is_empty() {
            break;
        }
        value.extend([input.parse::<TokenTree>()?]);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;
    use tdata_core::contract::{Isolation, Keep, Scope};

    use super::*;

    fn parse(tokens: TokenStream) -> (Options, Vec<String>) {
        let mut mistakes = Mistakes::default();
        let options = Options::parse(tokens, &mut mistakes);
        let messages = mistakes.messages();
        (options, messages)
    }

    #[test]
    fn every_option_is_read() {
        let (options, mistakes) = parse(quote! {
            datasets = ["users", "orders"],
            volume = { users = 50, "orders" = full },
            scope = "TEST_CLASS",
            isolation = Schema,
            apply_masking = false,
            version = "v1.2.0",
            seed = 7,
            as_of = "2024-05-01",
            writable = true,
            keep = On_Failure,
            crate = "my::tdata",
        });
        assert_eq!(mistakes, [] as [&str; 0]);
        assert_eq!(options.datasets.len(), 2);
        let volumes = options.volumes.iter().map(|(name, rows)| (name.value(), *rows));
        let expected =
            [("users".to_owned(), Volume::Rows(50)), ("orders".to_owned(), Volume::Full)];
        assert_eq!(volumes.collect::<Vec<_>>(), expected);
        let expected = PartialContract {
            scope: Some(Scope::TestClass),
            isolation: Some(Isolation::Schema),
            apply_masking: Some(false),
            version: "v1.2.0".parse().ok(),
            seed: Some(7),
            as_of: "2024-05-01".parse().ok(),
            writable: Some(true),
            keep: Some(Keep::OnFailure),
            ..PartialContract::default()
        };
        assert_eq!(options.contract, expected);
        assert_eq!(options.tdata.to_token_stream().to_string(), "my :: tdata");
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let (options, mistakes) = parse(quote!(datasets = ["users"]));
        assert_eq!(mistakes, [] as [&str; 0]);
        assert_eq!(options.contract, PartialContract::default());
        assert_eq!(options.tdata.to_token_stream().to_string(), ":: tdata");
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let (_, mistakes) = parse(quote! {
            datset = ["users"], seed = -1, seed = 7, "users", scope, version = "1.0", volume
        });
        assert_eq!(
            mistakes,
            [
                "there is no option `datset`\nhelp: did you mean `datasets`?",
                "`seed` must be a whole number from 0 on",
                "`seed` is given twice",
                "options are written `name = value`, with commas between",
                "`scope` must be `test_case`, `test_class`, `test_module` or `shared`",
                "`version` must be \"latest\" or a version such as \"v1.2.0\"",
                "`volume` must be a number of rows, `full`, or `{ users = 50, orders = full }`",
            ]
        );
        let (_, mistakes) = parse(quote!(seed = 7));
        assert_eq!(
            mistakes,
            ["`datasets` is missing: which data does the test need?\n\
              help: name the definitions, such as `datasets = [\"users\", \"orders\"]`"]
        );
    }

    #[test]
    fn a_forgotten_comma_is_told_where_it_belongs() {
        let (options, mistakes) = parse(quote!(datasets = ["users"] seed = 7));
        assert_eq!(mistakes, ["a comma belongs before this"]);
        assert_eq!(options.datasets.len(), 1);
        assert_eq!(options.contract.seed, Some(7));
    }
}
