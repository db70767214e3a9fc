//! From a type to the code that makes it the type of a record's field.

use std::collections::HashSet;
use std::sync::Arc;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Fields, Type, parse_quote};
use tdata_core::diagnostic::Diagnostics;

use super::check::check;
use super::choices_enum::{Options, read};
use crate::definitions::Definitions;
use crate::mistakes::{Mistakes, with_help};

/// Expands `#[derive(FieldType)]`.
///
/// Whatever is wrong with the variants of an enum, it is a field's type afterwards, so that one
/// mistake makes one error.
pub(crate) fn field_type(
    input: TokenStream,
    definitions: Result<Arc<Definitions>, Diagnostics>,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(mistake) => return mistake.into_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let options = Options::read(&input.attrs, &mut mistakes);
    let code = match &input.data {
        Data::Enum(item) => enumeration(&input, item, &options, definitions, &mut mistakes),
        Data::Struct(item) => match &item.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                wrapper(&input, &fields.unnamed[0].ty, &options, &mut mistakes)
            }
            _ => neither(&input, &mut mistakes),
        },
        Data::Union(_) => neither(&input, &mut mistakes),
    };
    let errors = mistakes.into_compile_errors();
    quote!(#errors #code)
}

fn neither(input: &DeriveInput, mistakes: &mut Mistakes) -> TokenStream {
    let message = "a field's type is an enum of its choices, or a struct around one value";
    let help =
        "write `enum Status { Active, .. }` or `struct UserId(i32);`, or implement `FieldType`";
    mistakes.at(&input.ident, with_help(message, help));
    TokenStream::new()
}

/// An enum: each variant is a text.
fn enumeration(
    input: &DeriveInput,
    item: &DataEnum,
    options: &Options,
    definitions: Result<Arc<Definitions>, Diagnostics>,
    mistakes: &mut Mistakes,
) -> TokenStream {
    let (name, tdata) = (&input.ident, &options.tdata);
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "an enum of choices has no parameters");
        return TokenStream::new();
    }
    let (variants, other) = read(name, item, options, mistakes);
    let files = match &options.choices {
        Some(written) => check(name, &variants, written, definitions, mistakes),
        None => Vec::new(),
    };
    let files = files.iter().filter_map(|file| file.to_str());
    let texts = variants.iter().map(|variant| &variant.text);
    let mut seen = HashSet::new();
    let readable = variants.iter().filter(|variant| variant.fields.is_empty());
    let read = readable.filter(|variant| seen.insert(&variant.text)).map(|variant| {
        let (ident, text) = (&variant.ident, &variant.text);
        quote!(#text => ::core::result::Result::Ok(Self::#ident))
    });
    let write: Vec<_> = variants
        .iter()
        .map(|variant| {
            let (ident, fields, text) = (&variant.ident, &variant.fields, &variant.text);
            quote!(Self::#ident #fields => #text)
        })
        .collect();
    let write_other = other.iter().map(|ident| {
        quote!(Self::#ident(text) => ::core::convert::AsRef::<::core::primitive::str>::as_ref(text))
    });
    let write: Vec<_> = write.into_iter().chain(write_other).collect();
    let read_other = match &other {
        Some(ident) => quote!(_ => ::core::result::Result::Ok(Self::#ident(
            ::core::convert::From::from(text.as_str()),
        ))),
        None => quote! {
            _ => ::core::result::Result::Err(#tdata::__private::Mismatch::of(&value))
        },
    };
    let write = match write.as_slice() {
        [] => quote!(match *self {}),
        write => quote! {
            let text: &::core::primitive::str = match self { #(#write),* };
            #tdata::__private::Value::Text(::std::borrow::ToOwned::to_owned(text))
        },
    };
    quote! {
        #[automatically_derived]
        impl #tdata::ArrayElement for #name {}

        #[automatically_derived]
        impl #tdata::FieldType for #name {
            const HOLDS: #tdata::__private::SqlKinds = #tdata::__private::SqlKinds::of(&[
                #tdata::__private::SqlKind::Text,
                #tdata::__private::SqlKind::Other,
            ]);
            const CHOICES: ::core::option::Option<&'static [&'static ::core::primitive::str]> =
                ::core::option::Option::Some(&[#(#texts),*]);

            fn from_value(
                value: #tdata::__private::Value,
            ) -> ::core::result::Result<Self, #tdata::__private::Mismatch> {
                let #tdata::__private::Value::Text(text) = &value else {
                    return ::core::result::Result::Err(#tdata::__private::Mismatch::of(&value));
                };
                match text.as_str() {
                    #(#read,)*
                    #read_other,
                }
            }

            fn to_value(&self) -> #tdata::__private::Value {
                #write
            }
        }
        #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
    }
}

/// A struct around one value, which it is read and written as.
fn wrapper(
    input: &DeriveInput,
    inner: &Type,
    options: &Options,
    mistakes: &mut Mistakes,
) -> TokenStream {
    for option in &options.of_enums {
        let message = "a struct around one value has no variants, which this option is about";
        mistakes.at(option, message);
    }
    let (name, tdata) = (&input.ident, &options.tdata);
    let mut generics = input.generics.clone();
    if !generics.params.is_empty() {
        generics.make_where_clause().predicates.push(parse_quote!(#inner: #tdata::FieldType));
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #tdata::FieldType for #name #arguments #conditions {
            const HOLDS: #tdata::__private::SqlKinds = <#inner as #tdata::FieldType>::HOLDS;
            const NULLABLE: ::core::primitive::bool = <#inner as #tdata::FieldType>::NULLABLE;
            const CHOICES: ::core::option::Option<&'static [&'static ::core::primitive::str]> =
                <#inner as #tdata::FieldType>::CHOICES;

            fn from_value(
                value: #tdata::__private::Value,
            ) -> ::core::result::Result<Self, #tdata::__private::Mismatch> {
                <#inner as #tdata::FieldType>::from_value(value).map(Self)
            }

            fn to_value(&self) -> #tdata::__private::Value {
                <#inner as #tdata::FieldType>::to_value(&self.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what the compiler is told, one mistake after the other.
    fn mistakes(item: TokenStream) -> Vec<String> {
        let input: DeriveInput = syn::parse2(item).unwrap();
        let mut mistakes = Mistakes::default();
        let options = Options::read(&input.attrs, &mut mistakes);
        let Data::Enum(item) = &input.data else { panic!("no enum") };
        let definitions = Definitions::of_this_package();
        enumeration(&input, item, &options, definitions, &mut mistakes);
        mistakes.messages()
    }

    #[test]
    fn variants_are_the_choices() {
        let none = mistakes(quote! {
            #[field(choices = "users.status")]
            enum Status { Active, Inactive, Suspended }
        });
        assert_eq!(none, [] as [&str; 0]);
        let misspelt = mistakes(quote! {
            #[field(choices = "users.status")]
            enum Status { Actve, Inactive, Suspended }
        });
        assert_eq!(
            misspelt,
            ["`Actve` stands for `actve`, which is no choice of `users.status`\n\
              help: did you mean `Active`, for `active`?"]
        );
        let several = mistakes(quote! {
            #[field(choices = "users.status")]
            enum Status { Active, Gone }
        });
        assert_eq!(
            several,
            [
                "`Gone` stands for `gone`, which is no choice of `users.status`\n\
                 help: the choices are `active`, `inactive` or `suspended`",
                "`inactive` and `suspended` are choices of `users.status`, and `Status` has no \
                 variant for them\nhelp: add `Inactive` and `Suspended`",
            ]
        );
    }

    #[test]
    fn choices_are_those_of_a_field_that_has_some() {
        for (choices, message) in [
            (
                "status",
                "`status` names no field of a dataset\nhelp: write `dataset.field`, as `users.status`",
            ),
            ("usres.status", "there is no dataset `usres`\nhelp: did you mean `users`?"),
            ("users.statsu", "`users` has no field `statsu`\nhelp: did you mean `status`?"),
            (
                "users.email",
                "`email` has no choices in `users`: it is made by `email`\nhelp: of `users` use `status`",
            ),
            (
                "payments.order_id",
                "`order_id` has no choices in `payments`: it is made by `reference`\nhelp: no field of `payments` has choices: drop `choices`",
            ),
        ] {
            let found = mistakes(quote!(
                #[field(choices = #choices)]
                enum Status {
                    Active,
                }
            ));
            assert_eq!(found, [message]);
        }
    }

    #[test]
    fn texts_and_options_are_told_apart() {
        let found = mistakes(quote! {
            #[field(rename_all = "kebab_case")]
            #[field(renameall = "x")]
            enum Status {
                Active(i32),
                #[field(rename = "active")]
                On,
                #[field(renam = "x")]
                Off,
            }
        });
        assert_eq!(
            found,
            [
                "there is no letter case `kebab_case`\nhelp: did you mean `kebab-case`?",
                "there is no option `renameall` of a field's type\nhelp: did you mean `rename_all`?",
                "`Active` stands for a text, and cannot have fields\n\
                 help: a column holds one value: leave them out",
                "`On` stands for `active`, as `Active` does\n\
                 help: give one of them another text: `#[field(rename = \"..\")]`",
                "there is no option `renam` of a variant\nhelp: did you mean `rename`?",
            ]
        );
    }
}
