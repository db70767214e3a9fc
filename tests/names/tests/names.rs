//! Names of columns, datasets and parameters that mean something in Rust or to tdata, and code that is strict with
//! what macros write.

#![deny(warnings, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

/// Records and factories of all definitions, where nothing is in scope.
pub mod everything {
    #![no_implicit_prelude]

    ::tdata::records!(factories = true);

    ::tdata::factories_lint!(KeyFactory, WordFactory, OptionFactory, MatchFactory);

    #[::core::prelude::v1::test]
    fn parents_are_named_after_their_keys() {
        let kind = KindFactory::new().build();
        let key = KeyFactory::new()
            .r#type(&kind)
            .r#match(&kind)
            .r#gen(&kind)
            .self_record(&kind)
            .crate_record(&kind)
            .super_with(|kind| kind.id(5))
            // Those whose names others have.
            .build_record(&kind)
            .account("a column")
            .account_record(&kind)
            .account_with("a column")
            .account_id_with(|kind| kind.id(7))
            .owner(9)
            .owner_record(&kind)
            .owner_id(8)
            .build();
        ::core::assert_eq!(
            (key.super_id, key.account_id, key.owner, key.owner_id),
            (5, 7, kind.id, 8)
        );
        ::core::assert_eq!(key.account_with, "a column");
        let kinds = ::tdata::Dataset::new("kinds", ::std::vec![kind]);
        for found in [key.r#type(&kinds), key.r#match(&kinds), key.self_record(&kinds)] {
            ::core::assert_eq!(found.id, kinds[0].id);
        }
    }

    #[::core::prelude::v1::test]
    fn columns_are_set_by_their_names() {
        let word = WordFactory::new()
            .r#type("a")
            .r#gen("b")
            .set_build("c")
            .new("d")
            .count("e")
            .default("f")
            .clone("g")
            .draft("h")
            .transients("i")
            .self_("j")
            .build();
        ::core::assert_eq!((&*word.r#type, &*word.r#gen, &*word.build), ("a", "b", "c"));
        ::core::assert_eq!((&*word.new, &*word.count, &*word.default), ("d", "e", "f"));
        ::core::assert_eq!((&*word.clone, &*word.draft, &*word.self_), ("g", "h", "j"));
        ::core::assert_eq!(WordFactory::new().build_batch(2).len(), 2);
        let _json = WordFactory::new().to_json();
    }
}

/// The same where all names that could be meant stand for something else.
pub mod shadowed {
    #![allow(dead_code, reason = "that they are there is the test")]

    /// Not the crate.
    pub mod std {}
    /// Not the crate.
    pub mod core {}
    /// Not the crate.
    pub mod alloc {}
    /// Not the crate.
    pub mod tdata {}

    struct Option;
    struct Result;
    struct String;
    struct Vec;
    struct Box;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    trait Clone {}
    trait Default {}
    trait Debug {}
    trait Copy {}
    trait PartialEq {}
    trait Into {}
    trait From {}
    trait Sized {}
    trait Iterator {}
    trait ToOwned {}
    ::tdata::records!(kinds, keys, words, "match" = Match, factories = true);

    /// A row by hand.
    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::tdata::Record, ::tdata::Factory)]
    #[record(dataset = "match")]
    #[factory(
        trait(early => state = "none"),
        trait(typed => r#type = "raw"),
        trait(keyword => type = "bare", type_id = 5),
        transient(draft: i32 = 3, transients: bool, record: i32),
        after_build = |row, more| row.seen = more.draft + i32::from(more.transients),
        after_create = |_, _, _| {},
    )]
    pub struct ByHand {
        /// The key.
        pub id: i32,
        /// A text.
        pub state: ::std::string::String,
        /// A parent.
        #[factory(association = KindFactory)]
        pub kind_id: i32,
        /// Perhaps a parent.
        #[record(follow = "match")]
        pub maybe: ::core::option::Option<i32>,
        /// A keyword that is no column.
        #[record(skip)]
        #[factory(lazy = |row| if row.transients { row.state.clone() } else { row.r#gen.clone() })]
        pub r#type: ::std::string::String,
        /// Another one.
        #[record(skip)]
        #[factory(default = "gen")]
        pub r#gen: ::std::string::String,
        /// A third one.
        #[record(skip)]
        pub type_id: i32,
        /// What the hook saw.
        #[record(skip)]
        pub seen: i32,
    }

    /// A type called by a keyword.
    #[expect(non_camel_case_types, reason = "it is the test")]
    pub mod r#type {
        /// A row.
        #[derive(::core::clone::Clone, ::core::fmt::Debug, ::tdata::Record, ::tdata::Factory)]
        pub struct r#struct {
            /// The key.
            pub id: i32,
        }
    }

    /// Variants called as what is always in scope.
    #[derive(
        ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::tdata::FieldType,
    )]
    pub enum State {
        /// A variant.
        None,
        /// A variant.
        Some,
        /// A variant.
        Ok,
        /// A variant.
        Err,
    }

    /// A field's type around another.
    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::tdata::FieldType)]
    pub struct Wrapped(State);

    /// A record of memory with fields of these types.
    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::tdata::Record, ::tdata::Factory)]
    pub struct Holder {
        /// A state.
        #[factory(default = Wrapped(State::None))]
        pub state: Wrapped,
        /// Perhaps one.
        pub perhaps: ::core::option::Option<State>,
    }

    #[test]
    fn all_of_it_works() {
        let row = ByHandFactory::keyword().transients(true).early().build();
        ::std::assert_eq!((&*row.r#type, row.type_id, row.seen), ("bare", 5, 4));
        let row = ByHandFactory::new().build();
        ::std::assert_eq!((&*row.r#type, row.seen), ("gen", 3));
        let kinds = ::tdata::Dataset::new("kinds", ::std::vec![KindFactory::new().build()]);
        ::std::assert!(::std::matches!(row.r#match(&kinds), ::core::option::Option::None));
        ::std::assert_eq!(r#type::structFactory::new().id(5).build().id, 5);
        ::std::assert!(HolderFactory::new().build().perhaps.is_none());
    }
}

/// Tests with the attribute, where nothing is in scope.
pub mod attribute {
    #![no_implicit_prelude]

    #[::tdata::requires_test_data(datasets = ["kinds"], volume = 3)]
    #[::core::prelude::v1::test]
    fn takes_parameters(
        data: ::tdata::TestData,
        kinds: ::tdata::Dataset,
        test: ::tdata::DatabaseUrl,
    ) {
        ::core::assert_eq!((data.dataset("kinds").len(), kinds.len()), (3, 3));
        ::core::assert!(test.starts_with("postgres"));
    }

    #[::tdata::requires_test_data(datasets = ["kinds"], volume = 3)]
    fn alone() -> ::core::result::Result<(), ::core::num::ParseIntError> {
        let three: usize = "3".parse()?;
        ::core::assert_eq!(::tdata::TestData::current().dataset("kinds").len(), three);
        ::core::result::Result::Ok(())
    }

    #[::tdata::requires_test_data(datasets = ["match", "types"], volume = 2)]
    #[::rstest::rstest]
    #[case(1)]
    fn r#match(#[case] r#type: i32, r#match: ::tdata::Dataset, _types: ::tdata::Dataset) {
        ::core::assert_eq!((r#type, r#match.len()), (1, 2));
    }

    #[::tdata::requires_test_data(datasets = ["kinds"], volume = 2, scope = test_class)]
    mod r#mod {
        #[::core::prelude::v1::test]
        fn r#fn(_kinds: ::tdata::Dataset) {}

        #[::core::prelude::v1::test]
        #[should_panic(expected = "as it was to")]
        fn run() {
            ::core::panic!("it panicked as it was to")
        }
    }
}

/// Async tests, whose runtime needs what is in scope.
pub mod async_tests {
    use tdata::{Dataset, TestData, requires_test_data};

    use super::everything::{Kind, KindFactory};

    #[requires_test_data(datasets = ["kinds"], volume = 3)]
    #[tokio::test]
    async fn r#async(_kinds: Dataset<Kind>, r#type: TestData) {
        assert_eq!(r#type.counts()["kinds"], 3);
    }

    #[requires_test_data(datasets = ["kinds"], volume = 0)]
    #[test]
    fn stores(data: TestData) {
        assert_eq!(KindFactory::new().create(&mut data.client()).unwrap().id, 1);
    }
}
