//! The options' values, each kind with its parser.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitBool, LitInt, LitStr, Path, Token, braced, bracketed};
use tdata_core::contract::{ContractOption, Form, PartialContract, Volume};

use crate::mistakes::{Mistakes, unknown, with_help};

/// One option as it was written.
pub(super) struct Written {
    pub(super) key: Ident,
    pub(super) value: TokenStream,
}

impl Written {
    /// Makes the mistake "this is not what the option takes", on the value.
    pub(super) fn invalid(&self, expected: &str) -> syn::Error {
        let message = format!("`{}` must be {expected}", self.key);
        if self.value.is_empty() {
            syn::Error::new(self.key.span(), message)
        } else {
            syn::Error::new_spanned(&self.value, message)
        }
    }
}

/// What `volume` says.
pub(super) enum VolumeOption {
    /// One volume for every dataset.
    Every(Volume),
    /// By dataset, each with its key's place.
    ByDataset(Vec<(LitStr, Volume)>),
}

/// Reads an option of the contract's table.
pub(super) fn option(
    option: &ContractOption,
    written: &Written,
    contract: &mut PartialContract,
) -> syn::Result<()> {
    let text = whole(written, |input| text(option.form, input));
    let text = text.ok_or_else(|| written.invalid(&option.form.expected()))?;
    option.read(contract, &text).map_err(|invalid| match option.form {
        Form::Word(words) => {
            let message = format!("there is no {} `{text}`", option.name);
            let message = unknown(message, &text, words.iter().copied());
            syn::Error::new_spanned(&written.value, message)
        }
        _ => written.invalid(&invalid.expected),
    })
}

/// Takes a value of a form, as the text that options are read from. Words are taken bare or in quotes.
fn text(form: Form, input: ParseStream<'_>) -> syn::Result<String> {
    Ok(match form {
        Form::Rows if input.peek(LitInt) => text(Form::Number, input)?,
        Form::Word(_) | Form::Rows => text_or_word(input)?.value(),
        Form::Text(_) => input.parse::<LitStr>()?.value(),
        Form::Number => input.parse::<LitInt>()?.base10_parse::<u64>()?.to_string(),
        Form::Truth => input.parse::<LitBool>()?.value.to_string(),
    })
}

/// Reads `crate`: a path, bare or in quotes.
pub(super) fn path(written: &Written) -> syn::Result<Path> {
    let path = |input: ParseStream<'_>| {
        if input.peek(LitStr) {
            input.parse::<LitStr>()?.parse_with(Path::parse_mod_style)
        } else {
            input.call(Path::parse_mod_style)
        }
    };
    whole(written, path)
        .ok_or_else(|| written.invalid("the path of the crate, such as `crate = my::tdata`"))
}

/// Reads `datasets`: a list of names in quotes, none twice. Whether there may be none, the project tells.
pub(super) fn datasets(written: &Written, mistakes: &mut Mistakes) -> syn::Result<Vec<LitStr>> {
    let list = |input: ParseStream<'_>| {
        let content;
        bracketed!(content in input);
        content.parse::<TokenStream>()
    };
    let list = whole(written, list).ok_or_else(|| {
        written.invalid("a list of names, such as `datasets = [\"users\", \"orders\"]`")
    })?;
    let mut names: Vec<LitStr> = Vec::new();
    for element in elements(list, mistakes) {
        match syn::parse2::<LitStr>(element.clone()) {
            Ok(name) if names.iter().any(|known| known.value() == name.value()) => {
                mistakes.at(&name, format!("`{}` is named twice", name.value()));
            }
            Ok(name) => names.push(name),
            Err(_) => mistakes.at(&element, not_quoted(&element)),
        }
    }
    Ok(names)
}

fn not_quoted(element: &TokenStream) -> String {
    let message = "datasets are named by texts in quotes, with commas between";
    match syn::parse2::<Ident>(element.clone()) {
        Ok(word) => with_help(message, &format!("write `\"{word}\"`")),
        Err(_) => message.to_owned(),
    }
}

/// Reads `volume`: one for all datasets, or `{ dataset = rows, … }`.
pub(super) fn volume(written: &Written, mistakes: &mut Mistakes) -> syn::Result<VolumeOption> {
    let entries = |input: ParseStream<'_>| {
        let content;
        braced!(content in input);
        content.parse::<TokenStream>()
    };
    if let Some(entries) = whole(written, entries) {
        return Ok(VolumeOption::ByDataset(by_dataset(entries, mistakes)));
    }
    whole(written, rows).map(VolumeOption::Every).ok_or_else(|| {
        written.invalid("a number of rows, `full`, or `{ users = 50, orders = full }`")
    })
}

fn by_dataset(entries: TokenStream, mistakes: &mut Mistakes) -> Vec<(LitStr, Volume)> {
    let mut volumes: Vec<(LitStr, Volume)> = Vec::new();
    for entry in elements(entries, mistakes) {
        let parts = |input: ParseStream<'_>| {
            let key = input.call(text_or_word)?;
            input.parse::<Token![=]>()?;
            Ok((key, input.parse::<TokenStream>()?))
        };
        let Ok((key, value)) = parts.parse2(entry.clone()) else {
            mistakes.at(&entry, "volumes are written `dataset = rows`, with commas between");
            continue;
        };
        if volumes.iter().any(|(known, _)| known.value() == key.value()) {
            mistakes.at(&key, format!("`{}` is given twice", key.value()));
            continue;
        }
        match rows.parse2(value.clone()) {
            Ok(volume) => volumes.push((key, volume)),
            Err(_) => {
                let place = if value.is_empty() { key.to_token_stream() } else { value };
                mistakes.at(
                    place,
                    "a volume is a number of rows, or `full` for the definition's count",
                );
            }
        }
    }
    volumes
}

fn rows(input: ParseStream<'_>) -> syn::Result<Volume> {
    text(Form::Rows, input)?.parse().map_err(|_| input.error("neither rows nor `full`"))
}

/// Takes a word, bare or in quotes; either way as a text that keeps its place.
fn text_or_word(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let word = input.call(Ident::parse_any)?.unraw();
    Ok(LitStr::new(&word.to_string(), word.span()))
}

/// Parses the whole value. Why it is not what `parser` takes does not matter: what the option does
/// take is the better message.
fn whole<T>(
    written: &Written,
    parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> Option<T> {
    parser.parse2(written.value.clone()).ok()
}

/// Splits a list at its commas.
fn elements(list: TokenStream, mistakes: &mut Mistakes) -> Vec<TokenStream> {
    let mut elements = vec![TokenStream::new()];
    for token in list {
        let comma =
            matches!(&token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',');
        match elements.last_mut() {
            Some(element) if comma && element.is_empty() => {
                mistakes.at(token, "nothing stands before this comma");
            }
            Some(element) if !comma => element.extend([token]),
            _ => elements.push(TokenStream::new()),
        }
    }
    // Behind the last comma there may be nothing.
    elements.retain(|element| !element.is_empty());
    elements
}
