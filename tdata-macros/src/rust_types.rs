//! The Rust types that fit the kinds of columns: as messages name them, and as code writes them.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Path, Type};
use tdata_core::sql::{SqlKind, SqlType};

/// Names the Rust types that hold all values of a kind.
pub(crate) fn fitting(kind: SqlKind) -> &'static str {
    match kind {
        SqlKind::SmallInt => "`i16`, `i32` or `i64`",
        SqlKind::Integer => "`i32` or `i64`",
        SqlKind::BigInt => "`i64`",
        SqlKind::Real => "`f32` or `f64`",
        SqlKind::Double => "`f64`",
        SqlKind::Whole9 => "`i32`, `i64`, `rust_decimal::Decimal` (tdata's feature) or `String`",
        SqlKind::Whole18 => "`i64`, `rust_decimal::Decimal` (tdata's feature) or `String`",
        SqlKind::Decimal15 => "`f64`, `rust_decimal::Decimal` (tdata's feature) or `String`",
        SqlKind::Numeric => "`rust_decimal::Decimal` (tdata's feature) or `String`",
        SqlKind::Boolean => "`bool`",
        SqlKind::Text => "`String`, or an enum that derives `FieldType`",
        SqlKind::Date => {
            "`jiff::civil::Date` or `chrono::NaiveDate` (tdata's features), or `String`"
        }
        SqlKind::Timestamp => {
            "`tdata::Instant`, `std::time::SystemTime` or `String`, or `jiff::civil::DateTime` or \
             `chrono::NaiveDateTime` (tdata's features)"
        }
        SqlKind::TimestampTz => {
            "`tdata::Instant`, `std::time::SystemTime` or `String`, or `jiff::Timestamp` or \
             `chrono::DateTime<Utc>` (tdata's features)"
        }
        SqlKind::Time => {
            "`jiff::civil::Time` or `chrono::NaiveTime` (tdata's features), or `String`"
        }
        SqlKind::Uuid => "`uuid::Uuid` (tdata's feature) or `String`",
        SqlKind::Inet => "`std::net::IpAddr` or `String`",
        SqlKind::Json => "`serde_json::Value` (tdata's feature) or `String`",
        SqlKind::Bytes => "`Vec<u8>`",
        SqlKind::Array => "`Vec` of a type that fits the elements, or `String`",
        _ => "`String`, or a type of your own that is a `FieldType`",
    }
}

/// Writes the Rust type that a generated record has for a column: that of its kind, or of an array of such.
pub(crate) fn generated_type(sql_type: Option<&SqlType>, tdata: &Path) -> TokenStream {
    match sql_type.map(SqlType::base) {
        Some(SqlType::Array(array)) if array.dimensions <= 1 => {
            let element = generated(array.element.kind(), tdata);
            quote!(::std::vec::Vec<#element>)
        }
        Some(sql_type) => generated(sql_type.kind(), tdata),
        None => generated(SqlKind::Text, tdata),
    }
}

/// Writes the Rust type that a generated record has for a kind, with the features that tdata was
/// built with. Its path is the same wherever the record stands.
fn generated(kind: SqlKind, tdata: &Path) -> TokenStream {
    let types = quote!(#tdata::__private::types);
    let string = quote!(::std::string::String);
    let instant = quote!(#tdata::Instant);
    let dated = |jiff: TokenStream, chrono: TokenStream, otherwise: TokenStream| {
        if cfg!(feature = "jiff") {
            quote!(#types::jiff::#jiff)
        } else if cfg!(feature = "chrono") {
            quote!(#types::chrono::#chrono)
        } else {
            otherwise
        }
    };
    let decimal = |otherwise: TokenStream| match cfg!(feature = "rust_decimal") {
        true => quote!(#types::rust_decimal::Decimal),
        false => otherwise,
    };
    match kind {
        SqlKind::SmallInt => quote!(i16),
        SqlKind::Integer | SqlKind::Whole9 => quote!(i32),
        SqlKind::BigInt | SqlKind::Whole18 => quote!(i64),
        SqlKind::Real => quote!(f32),
        SqlKind::Double => quote!(f64),
        SqlKind::Decimal15 => decimal(quote!(f64)),
        SqlKind::Numeric => decimal(string),
        SqlKind::Boolean => quote!(bool),
        SqlKind::Date => dated(quote!(civil::Date), quote!(NaiveDate), string),
        SqlKind::Timestamp => dated(quote!(civil::DateTime), quote!(NaiveDateTime), instant),
        SqlKind::TimestampTz => {
            dated(quote!(Timestamp), quote!(DateTime<#types::chrono::Utc>), instant)
        }
        SqlKind::Time => dated(quote!(civil::Time), quote!(NaiveTime), string),
        SqlKind::Uuid if cfg!(feature = "uuid") => quote!(#types::uuid::Uuid),
        SqlKind::Inet => quote!(::std::net::IpAddr),
        SqlKind::Json if cfg!(feature = "serde_json") => quote!(#types::serde_json::Value),
        SqlKind::Bytes => quote!(::std::vec::Vec<u8>),
        _ => string,
    }
}

/// Returns the name of the variant of `SqlKind`, as code writes it.
pub(crate) fn variant(kind: SqlKind) -> TokenStream {
    match kind {
        SqlKind::SmallInt => quote!(SmallInt),
        SqlKind::Integer => quote!(Integer),
        SqlKind::BigInt => quote!(BigInt),
        SqlKind::Real => quote!(Real),
        SqlKind::Double => quote!(Double),
        SqlKind::Whole9 => quote!(Whole9),
        SqlKind::Whole18 => quote!(Whole18),
        SqlKind::Decimal15 => quote!(Decimal15),
        SqlKind::Numeric => quote!(Numeric),
        SqlKind::Boolean => quote!(Boolean),
        SqlKind::Text => quote!(Text),
        SqlKind::Date => quote!(Date),
        SqlKind::Timestamp => quote!(Timestamp),
        SqlKind::TimestampTz => quote!(TimestampTz),
        SqlKind::Time => quote!(Time),
        SqlKind::Uuid => quote!(Uuid),
        SqlKind::Inet => quote!(Inet),
        SqlKind::Json => quote!(Json),
        SqlKind::Bytes => quote!(Bytes),
        SqlKind::Array => quote!(Array),
        _ => quote!(Other),
    }
}

/// Returns a type as people write it: `Option<Vec<u8>>`.
pub(crate) fn written(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" ;", ";"),
        ("( ", "("),
        (" )", ")"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn types_are_told_as_they_are_written() {
        for (ty, text) in [
            (parse_quote!(Option<Vec<u8>>), "Option<Vec<u8>>"),
            (parse_quote!(::std::net::IpAddr), "::std::net::IpAddr"),
            (parse_quote!(&'static str), "&'static str"),
            (parse_quote!(HashMap<String, (i32, [u8; 4])>), "HashMap<String, (i32, [u8; 4])>"),
        ] {
            assert_eq!(written(&ty), text);
        }
    }
}
