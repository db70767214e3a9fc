//! What is said to mistakes in factories.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::definitions::Definitions;
use crate::factory::item::FactoryItem;
use crate::mistakes::Mistakes;

/// Reads a factory; returns the order of its fields, and what is wrong.
fn read(item: TokenStream) -> (Option<Vec<usize>>, Vec<String>) {
    let input: DeriveInput = syn::parse2(item).unwrap();
    let mut mistakes = Mistakes::default();
    let item = FactoryItem::read(&input, Definitions::of_this_package(), &mut mistakes).unwrap();
    (item.order, mistakes.messages())
}

#[track_caller]
fn assert_mistakes(item: TokenStream, expected: &[&str]) {
    let (order, mistakes) = read(item);
    assert_eq!(mistakes, expected);
    assert_eq!(order, None);
}

#[test]
fn lazy_fields_come_behind_those_they_are_made_of() {
    let (order, mistakes) = read(quote! {
        #[factory(transient(loud: bool = false))]
        struct Line {
            #[factory(lazy = |line| line.net * i64::from(line.loud))]
            total: i64,
            #[factory(lazy = |line| { let f = |x: i64| x + line.price; f(1) })]
            net: i64,
            #[factory(default = 5)]
            price: i64,
        }
    });
    assert_eq!(mistakes, [] as [&str; 0]);
    assert_eq!(order, Some(vec![2, 1, 0]));
}

#[test]
fn cycles_of_lazy_fields_are_told() {
    assert_mistakes(
        quote! {
            struct Line {
                #[factory(lazy = |u| u.b)]
                a: i32,
                #[factory(lazy = |u| u.a)]
                b: i32,
            }
        },
        &["`a` is made of itself: a → b → a\nhelp: let one of them be made of nothing else"],
    );
}

#[test]
fn records_in_the_making_have_fields_only() {
    assert_mistakes(
        quote! {
            struct Line {
                id: i32,
                #[factory(lazy = |u| price(u))]
                price: i32,
                #[factory(lazy = |u| u.total())]
                total: i32,
                #[factory(lazy = |u| u.prize)]
                net: i32,
                #[record(skip)]
                #[factory(has_many = NoteFactory, by = line_id)]
                notes: Vec<Note>,
                #[factory(lazy = |u| u.notes.len())]
                count: i32,
            }
        },
        &[
            "`u` alone is no value: the record is still being made\nhelp: write `u.id`",
            "`u.total(..)` calls the record, which is still being made\n\
             help: use its fields, such as `u.id`",
            "the record has no field `prize`\nhelp: did you mean `price`?",
            "`notes` are made once the record itself is\nhelp: use other fields",
        ],
    );
}

#[test]
fn names_that_only_look_like_the_record_are_left_alone() {
    let (_, mistakes) = read(quote! {
        struct Line {
            id: i32,
            #[factory(lazy = |u| Unit { u: 1 }.u + u::ONE + (0..u.id).sum::<i32>())]
            price: i32,
        }
    });
    assert_eq!(mistakes, [] as [&str; 0]);
}

#[test]
fn a_definition_or_the_factory_says_how_every_field_is_made() {
    assert_mistakes(
        quote!(
            struct Line {
                id: i64,
                remark: Option<String>,
                sku: String,
            }
        ),
        &["`sku` has no default: no definition says how it is made\n\
           help: add `#[factory(default = ..)]`, or `generator = \"..\"`, `sequence = |n| ..`, \
           `lazy = |u| ..`, `association = ..`; or make it an `Option`"],
    );
}

#[test]
fn what_is_wrong_with_the_record_is_not_told_twice() {
    let (order, mistakes) = read(quote! {
        #[record(dataset = "usres")]
        struct User {
            email: String,
        }
    });
    assert_eq!((order, mistakes), (None, Vec::new()));
    let (order, mistakes) = read(quote! {
        #[record(dataset = "users", partial)]
        struct User {
            emial: String,
        }
    });
    assert_eq!((order, mistakes), (None, Vec::new()));
}

#[test]
fn traits_say_what_the_builder_takes() {
    assert_mistakes(
        quote! {
            #[factory(trait(a, idd = 1), trait(b, id), trait(c, later), trait(later, c), trait(e, c = 1))]
            struct Line {
                id: i32,
            }
        },
        &[
            "the factory has no `idd` that a trait could set\nhelp: did you mean `id`?",
            "`id` takes a value\nhelp: write `id = ..`",
            "the factory has no `later` that a trait could set\nhelp: use `id`, `a` or `b`",
            "the trait `c` takes no value\nhelp: write `c`",
        ],
    );
}

#[test]
fn every_method_has_a_name_of_its_own() {
    assert_mistakes(
        quote! {
            #[factory(transient(order: bool))]
            #[factory(trait(id, id = 1), trait(create, id = 2), trait(new, id = 3))]
            struct Line {
                id: i32,
                #[factory(association = OrderFactory)]
                order_id: i32,
                // It has the name that the method of the foreign key would have.
                #[record(skip)]
                order_with: String,
            }
        },
        &[
            "two methods of the builder would be called `order`\n\
             help: call one of what they set something else",
            "`id` is the name of another method of the builder\n\
             help: call the trait something else",
            "every factory has a `create` of its own\nhelp: call the trait something else",
            "every factory has a `new` of its own\nhelp: call the trait something else",
        ],
    );
}

#[test]
fn generators_are_checked_while_compiling() {
    assert_mistakes(
        quote! {
            struct Line {
                #[factory(generator = "frist_name")]
                a: String,
                #[factory(generator = "first_name")]
                b: i32,
                #[factory(generator = "word, null_probability: 0.5")]
                c: String,
                #[factory(generator = "reference")]
                d: i32,
            }
        },
        &[
            "there is no generator `frist_name`\nhelp: did you mean `first_name`?",
            "`b` is integer, and `first_name` makes text\nhelp: change the type or the generator",
            "the generator makes nulls, and `c` holds none\nhelp: make the field an `Option`",
            "a factory's generator makes no reference\n\
             help: name the other record's factory: `association = AccountFactory`",
        ],
    );
}

#[test]
fn the_generators_of_a_factory_are_one_definition() {
    let input: DeriveInput = syn::parse_quote! {
        #[record(dataset = "users", partial)]
        struct User {
            #[factory(generator = "word, unique: true")]
            email: String,
            #[factory(generator = "random_int, min: 1, max: 5")]
            account_id: Code,
        }
    };
    let mut mistakes = Mistakes::default();
    let item = FactoryItem::read(&input, Definitions::of_this_package(), &mut mistakes).unwrap();
    assert_eq!(mistakes.messages(), [] as [&str; 0]);
    assert_eq!(
        item.generators,
        "apiVersion: data.automation/v1\n\
         kind: DataDefinition\n\
         metadata: { name: 'users' }\n\
         spec:\n  \
           table: records\n  \
           fields:\n    \
             - { name: 'email', type: 'varchar(255)', generator: word, unique: true }\n    \
             - { name: 'account_id', type: 'integer', generator: random_int, min: 1, max: 5 }\n"
    );
}
