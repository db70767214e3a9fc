//! The methods from a record to the rows that it references.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use tdata_core::diagnostic::or_list;
use tdata_core::spec::DatasetSpec;

use super::column_type::literal;
use crate::identifier::identifier;
use crate::mistakes::{Mistakes, with_help};
use crate::record_item::{Follow, RecordDataset, RecordField, RecordItem, parent_name};
use crate::rust_types::written;

/// A foreign key among a record's columns, and where it leads to.
struct Reference<'a> {
    field: &'a RecordField,
    method: Ident,
    parent: &'a DatasetSpec,
}

/// Returns the `impl` with a method for every relationship whose foreign key the record has; nothing
/// where there are none.
pub(super) fn methods(item: &RecordItem, mistakes: &mut Mistakes) -> TokenStream {
    let references = references(item, mistakes);
    let Some(dataset) = item.source.dataset().filter(|_| !references.is_empty()) else {
        return TokenStream::new();
    };
    let methods = references.iter().map(|reference| method(item, dataset, reference));
    let record = &item.ident;
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #record {
            #(#methods)*
        }
    }
}

/// Finds the relationships that lead to the primary key of their parent, and names their methods.
fn references<'a>(item: &'a RecordItem, mistakes: &mut Mistakes) -> Vec<Reference<'a>> {
    let mut references = Vec::new();
    let (mut keys, mut methods) = (HashSet::new(), HashSet::new());
    for field in item.columns() {
        let Some(column) = &field.column else { continue };
        let parent = item.source.dataset().and_then(|dataset| parent(dataset, &column.name));
        let method = match (&column.follow, parent) {
            (Some(Follow::Named(name)), None) => {
                mistakes.at(name, no_reference(item, &column.name));
                continue;
            }
            (Some(Follow::Never(never)), None) => {
                mistakes.at(never, no_reference(item, &column.name));
                continue;
            }
            (Some(Follow::Never(_)), Some(_)) | (None, None) => continue,
            (Some(Follow::Named(name)), Some(_)) => name.clone(),
            (None, Some(_)) => parent_name(&column.name, Span::call_site()),
        };
        // A column that is named twice was told.
        let Some(parent) = parent.filter(|_| keys.insert(&column.name)) else { continue };
        if !methods.insert(method.to_string()) {
            let message = format!("two foreign keys have the method `{method}`");
            let help = "name one of them by `#[record(follow = \"..\")]`";
            mistakes.push(syn::Error::new(column.span, with_help(&message, help)));
            continue;
        }
        references.push(Reference { field, method, parent });
    }
    references
}

/// Returns the definition whose primary key a field references.
fn parent<'a>(dataset: &'a RecordDataset, column: &str) -> Option<&'a DatasetSpec> {
    let (relationship, parent) = dataset.reference(dataset.spec().field(column)?)?;
    let key = parent.primary_key()?;
    let (_, referenced) = relationship.single()?;
    (key.name.value == referenced.value).then_some(parent)
}

fn no_reference(item: &RecordItem, column: &str) -> String {
    let larger = item.source.dataset().and_then(|dataset| dataset.larger_key(column));
    if let Some(larger) = larger {
        let key = larger.key_text();
        let message =
            format!("`{column}` is part of the key {key}, and methods follow keys of one field");
        return with_help(&message, "find the row with `find_by`");
    }
    let message = format!("`{column}` references no row that could be followed");
    let Some(dataset) = item.source.dataset() else {
        return with_help(&message, "only records of a dataset have relationships");
    };
    let keys: Vec<&str> = item
        .columns()
        .filter_map(RecordField::column_name)
        .filter(|name| parent(dataset, name).is_some())
        .collect();
    if keys.is_empty() {
        let help = "`follow` is for a foreign key to another dataset's primary key";
        return with_help(&message, help);
    }
    let verb = if keys.len() == 1 { "does" } else { "do" };
    with_help(&message, &format!("{} {verb}", or_list(keys).replace(" or ", " and ")))
}

fn method(item: &RecordItem, dataset: &RecordDataset, reference: &Reference<'_>) -> TokenStream {
    let Reference { field, method, parent } = reference;
    let tdata = &item.tdata;
    let visibility = &item.visibility;
    let column = field.column_name().unwrap_or_default();
    let (dataset, parent) = (&dataset.spec().name.value, &parent.name.value);
    let rows = identifier(parent, Span::call_site()).unwrap_or_else(|| format_ident!("rows"));
    let (ident, optional) = (&field.ident, field.within_option());
    let key = optional.unwrap_or(&field.ty);
    let by = format!("{dataset}.{column}");
    let wrong = with_help(
        &format!("`{by}` references `{parent}`, and these are the rows of another dataset"),
        &format!("pass the rows of `{parent}`"),
    );
    let wrong = literal(&wrong);
    // Not the parameter, whatever the dataset's name.
    let known = Ident::new("key", Span::mixed_site());
    // Nor is the key's type, whatever that is called.
    let any = format_ident!("{}", if written(key) == "P" { "Parent" } else { "P" });
    let span = field.ident.span().resolved_at(Span::call_site());
    let check =
        quote_spanned!(span=> const { ::core::assert!(#any::DESCRIPTOR.is_of(#parent), #wrong) });
    let (output, body) = match optional {
        None => (quote!(&'a #any), quote!(#rows.referenced(#by, &self.#ident))),
        Some(_) => (
            quote!(::core::option::Option<&'a #any>),
            quote! {
                match &self.#ident {
                    ::core::option::Option::Some(#known) => {
                        ::core::option::Option::Some(#rows.referenced(#by, #known))
                    }
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            },
        ),
    };
    let what = match optional {
        None => format!(" Returns the row of `{parent}` that `{column}` references."),
        Some(_) => format!(" Returns the row of `{parent}` that `{column}` references, if any."),
    };
    let panics = " When it is not among these rows.";
    quote! {
        #[doc = #what]
        #[doc = ""]
        #[doc = " # Panics"]
        #[doc = ""]
        #[doc = #panics]
        #[track_caller]
        #visibility fn #method<'a, #any>(&self, #rows: &'a #tdata::Dataset<#any>) -> #output
        where
            #any: #tdata::Keyed<Key = #key>,
        {
            #check;
            #body
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tdata_core::diagnostic::Source;

    use super::*;
    use crate::definitions::Definitions;

    fn methods_of(item: TokenStream) -> (Vec<String>, Vec<String>) {
        let mut mistakes = Mistakes::default();
        let input = syn::parse2(item).unwrap();
        let item = RecordItem::read(&input, Definitions::of_this_package(), &mut mistakes).unwrap();
        let references = references(&item, &mut mistakes);
        let named =
            references.iter().map(|one| format!("{} -> {}", one.method, one.parent.name.value));
        (named.collect(), mistakes.messages())
    }

    #[test]
    fn keys_of_several_fields_have_no_method() {
        let mut definitions = Definitions::default();
        for (name, spec) in [
            ("tenants", ""),
            (
                "users",
                "primary_key: [tenant_id, id]\n  relationships: [{ foreignKey: tenant_id, references: tenants.id }]",
            ),
            (
                "orders",
                "relationships:
    - { foreignKey: tenant_id, references: tenants.id }
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }",
            ),
        ] {
            let text = format!(
                "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: {{ name: {name} }}
spec:
  table: {name}
  fields:
    - {{ name: id, type: integer, generator: sequence }}
  {spec}
"
            );
            definitions.library.insert(Source::new(format!("{name}.yaml"), text), name, None);
        }
        let mut mistakes = Mistakes::default();
        let input = syn::parse_quote! {
            #[record(dataset = "orders", partial)]
            struct Order {
                tenant_id: i32,
                #[record(follow = "buyer")]
                user_id: i32,
            }
        };
        let item = RecordItem::read(&input, Ok(Arc::new(definitions)), &mut mistakes).unwrap();
        let references = references(&item, &mut mistakes);
        assert_eq!(references.len(), 1);
        assert_eq!(references[0].method, "tenant");
        assert_eq!(
            mistakes.messages(),
            [
                "`user_id` is part of the key [tenant_id, user_id], and methods follow keys of one field\n\
                 help: find the row with `find_by`"
            ]
        );
    }

    #[test]
    fn a_method_is_named_otherwise_or_left_out() {
        let (methods, mistakes) = methods_of(quote! {
            #[record(dataset = "users", partial)]
            struct User {
                #[record(follow = "payer")]
                account_id: i32,
                #[record(follow = false)]
                organization_id: i32,
                #[record(follow = "mail")]
                email: String,
            }
        });
        assert_eq!(methods, ["payer -> accounts"]);
        assert_eq!(
            mistakes,
            ["`email` references no row that could be followed\n\
                 help: `account_id` and `organization_id` do"]
        );
    }
}
