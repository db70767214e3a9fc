//! An enum whose variants stand for texts, as it is written.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Attribute, DataEnum, Fields, LitStr, Path, Variant, parse_quote};

use crate::letter_case::LetterCase;
use crate::mistakes::{Mistakes, unknown, with_help};

/// What `#[field(..)]` on the type says.
pub(super) struct Options {
    /// Where the crate `tdata` is found.
    pub(super) tdata: Path,
    /// How the variants' texts are made of their names.
    pub(super) rename_all: LetterCase,
    /// The field whose choices the variants are: `users.status`.
    pub(super) choices: Option<LitStr>,
    /// The options that only an enum has.
    pub(super) of_enums: Vec<Path>,
}

/// A variant and its text.
pub(super) struct Choice {
    pub(super) ident: Ident,
    pub(super) text: String,
    /// What matches the variant, behind its name: nothing, unless it has fields by mistake.
    pub(super) fields: TokenStream,
}

const OPTIONS: &[&str] = &["rename_all", "choices", "crate"];

impl Options {
    pub(super) fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Self {
        let mut options = Self {
            tdata: parse_quote!(::tdata),
            rename_all: LetterCase::default(),
            choices: None,
            of_enums: Vec::new(),
        };
        for attribute in attributes.iter().filter(|one| one.path().is_ident("field")) {
            let read = attribute.parse_nested_meta(|meta| {
                let option = meta.path.to_token_stream().to_string();
                match option.as_str() {
                    "crate" => options.tdata = meta.value()?.call(Path::parse_mod_style)?,
                    "choices" => {
                        options.choices = Some(meta.value()?.parse()?);
                        options.of_enums.push(meta.path);
                    }
                    "rename_all" => {
                        options.rename_all = rename_all(&meta.value()?.parse()?)?;
                        options.of_enums.push(meta.path);
                    }
                    _ => {
                        let message = format!("there is no option `{option}` of a field's type");
                        let message = unknown(message, &option, OPTIONS.iter().copied());
                        return Err(meta.error(message));
                    }
                }
                Ok(())
            });
            if let Err(mistake) = read {
                mistakes.push(mistake);
            }
        }
        options
    }
}

fn rename_all(written: &LitStr) -> syn::Result<LetterCase> {
    let text = written.value();
    let found = LetterCase::WORDS.iter().find(|(word, _)| *word == text);
    found.map(|(_, case)| *case).ok_or_else(|| {
        let message = format!("there is no letter case `{text}`");
        let words = LetterCase::WORDS.iter().map(|(word, _)| *word);
        syn::Error::new(written.span(), unknown(message, &text, words))
    })
}

/// Reads the variants, and the one that holds every other text; all that is wrong goes to `mistakes`.
pub(super) fn read(
    name: &Ident,
    item: &DataEnum,
    options: &Options,
    mistakes: &mut Mistakes,
) -> (Vec<Choice>, Option<Ident>) {
    if item.variants.is_empty() {
        let message = format!("`{name}` has no variants, and a field always has a value");
        mistakes.at(name, with_help(&message, "add a variant for each choice"));
    }
    let mut texts: HashMap<String, Ident> = HashMap::new();
    let (mut choices, mut other) = (Vec::new(), None);
    for variant in &item.variants {
        if is_other(variant) {
            if !matches!(&variant.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1) {
                let message =
                    format!("`{}` holds every other text, and needs a place for it", variant.ident);
                let help = format!("write `{}(String)`", variant.ident);
                mistakes.at(variant, with_help(&message, &help));
            } else if other.replace(variant.ident.clone()).is_some() {
                let message = "two variants hold every other text";
                mistakes.at(variant, with_help(message, "drop `#[field(other)]` of one"));
            }
            continue;
        }
        let choice = Choice::read(variant, options, mistakes);
        if let Some(other) = texts.get(&choice.text) {
            let message =
                format!("`{}` stands for `{}`, as `{other}` does", choice.ident, choice.text);
            let help = "give one of them another text: `#[field(rename = \"..\")]`";
            mistakes.at(&choice.ident, with_help(&message, help));
        }
        texts.entry(choice.text.clone()).or_insert_with(|| choice.ident.clone());
        choices.push(choice);
    }
    (choices, other)
}

/// Tells whether a variant holds every text that no other variant stands for.
fn is_other(variant: &Variant) -> bool {
    let is_field = |one: &&Attribute| one.path().is_ident("field");
    variant
        .attrs
        .iter()
        .filter(is_field)
        .any(|one| one.parse_args::<Path>().is_ok_and(|path| path.is_ident("other")))
}

impl Choice {
    fn read(variant: &Variant, options: &Options, mistakes: &mut Mistakes) -> Self {
        let ident = variant.ident.clone();
        let mut text = options.rename_all.text(&ident.unraw().to_string());
        for attribute in variant.attrs.iter().filter(|one| one.path().is_ident("field")) {
            let read = attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    text = meta.value()?.parse::<LitStr>()?.value();
                    return Ok(());
                }
                let option = meta.path.to_token_stream().to_string();
                let message = format!("there is no option `{option}` of a variant");
                Err(meta.error(unknown(message, &option, ["rename", "other"])))
            });
            if let Err(mistake) = read {
                mistakes.push(mistake);
            }
        }
        let fields = match &variant.fields {
            Fields::Unit => TokenStream::new(),
            fields => {
                let message = format!("`{ident}` stands for a text, and cannot have fields");
                mistakes
                    .at(fields, with_help(&message, "a column holds one value: leave them out"));
                quote::quote!({ .. })
            }
        };
        Self { ident, text, fields }
    }
}
