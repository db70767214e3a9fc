//! Test data for PostgreSQL: a test declares the rows it needs, and has them.
//!
//! ```
//! use tdata::{TestData, requires_test_data};
//!
//! #[requires_test_data(datasets = ["users", "orders"], volume = { users = 50, orders = 200 })]
//! #[test]
//! fn every_order_has_a_user(data: TestData) {
//!     let order = &data.dataset("orders")[0];
//!     let user: i32 = order.get("user_id");
//!     assert!((1..=50).contains(&user));
//!
//!     data.client().execute("DELETE FROM users WHERE id = $1", &[&user]).unwrap();
//! }
//! ```
//!
//! Before the body runs, tdata starts a PostgreSQL, makes the tables, generates the rows from the
//! definitions in `data_definitions/`, and masks, loads and checks them. After the test, whatever it did
//! is gone.
//!
//! - [`requires_test_data`] is the attribute, with all its options.
//! - [`TestData`] is what a test works with; [`FromTestData`] injects types of your own, and
//!   [`FromTestDataAsync`] those that connect asynchronously.
//! - [`TestData::request`] does the same without a macro. [`Engine`] does so for programs with settings
//!   of their own.
//! - [`derive@Record`] makes a row a struct, and [`records!`] makes the structs of whole definitions.
//! - [`derive@Factory`] makes single records, in memory or stored: a test sets the fields that matter
//!   to it, and the factory fills the others. The guide, `docs/factories.md` in the package, has tables for
//!   those who know other factories.
//! - [`Masker`] masks values and records of your own, as the rows of tests are masked.
//!
//! How definitions are written, where servers come from and what `tdata.toml` holds is in the
//! [README](https://crates.io/crates/tdata).
//!
//! # A row is a pure function
//!
//! Every cell is computed from the seed, the dataset, the field, the generator's version, the row's
//! index and the as-of time, and from nothing else. So the same contract gives the same rows on every
//! machine, adding a field changes no other field, and a foreign key is computed rather than looked
//! up. A failing test prints seed and as-of time, which is all it takes to run it again on its data.
//! What a factory makes also depends on the test's name, and on how many records it made before.
//!
//! # Features
//!
//! The first two are on by default.
//!
//! - `server`: PostgreSQL, which is [`requires_test_data`], [`TestData`] and all that belongs to them.
//!   Without it there is no database client and no server. You get the part that only computes, such as [`Contract`], [`Plan`] and [`Diagnostics`], and records that factories build.
//! - `container` (includes `server`): boots PostgreSQL in a container, if a Docker-compatible engine
//!   answers. Without it the tree of dependencies (`cargo tree -e normal`) is less than half the size.
//! - `chrono`, `jiff`, `rust_decimal`, `serde_json`, `uuid`: types of these crates as types of records'
//!   fields. With `serde_json` factories make JSON as well.
//! - `sqlx` (sqlx 0.9), `sqlx-0_8`: records are stored through sqlx too, and its pool is injected.
//! - `deadpool` (deadpool-postgres 0.14), `diesel` (diesel 2), `sea-orm` (sea-orm 2), `sea-orm-1` (sea-orm 1.1),
//!   `tokio-postgres` (tokio-postgres 0.7): the pools and clients of these crates are injected. Diesel needs
//!   PostgreSQL's client library, `libpq`.

#![expect(clippy::test_attr_in_doctest, reason = "it is how the attribute is used")]
#![cfg_attr(
    not(feature = "server"),
    expect(rustdoc::broken_intra_doc_links, reason = "the links are to what the feature adds")
)]

pub use tdata_core::contract::{Contract, Isolation, Keep, Scope, VersionChoice, Volume, Volumes};
pub use tdata_core::definition::Instant;
pub use tdata_core::diagnostic::{Diagnostic, Diagnostics};
pub use tdata_core::mask::{MaskAs, MaskKey, Masker, MaskerError};
pub use tdata_core::plan::{DatasetPlan, ExistingRows, FieldPlan, Plan};
#[cfg(feature = "server")]
pub use tdata_core::project::{ServerChoice, Triggers};
pub use tdata_core::sql::{SqlKind, SqlKinds};
pub use tdata_core::value::Value;
#[cfg(not(feature = "server"))]
pub use tdata_factory::Dataset;
pub use tdata_factory::factory::AfterCreate;
pub use tdata_factory::field::ArrayElement;
pub use tdata_factory::{
    AsyncStore, Context, CopyRows, Factory, FactoryBuilder, FieldType, IntoField, Keyed, Mismatch,
    Record, RecordError, Store, StoreError, create, factory, record,
};
#[cfg(feature = "server")]
pub use tdata_macros::requires_test_data;
pub use tdata_macros::{Factory, FieldType, Record, records};
#[cfg(feature = "server")]
pub use tdata_runtime::server::{Endpoint, Server, ServerSource};
#[cfg(feature = "server")]
pub use tdata_runtime::{
    Config, DataClient, DatabaseUrl, Dataset, Engine, Error, FromTestData, FromTestDataAsync,
    Notices, Parameter, Request, Row, Stage, TestData, Timings,
};

/// Makes a test, `factories_lint`, that builds and creates a record of every trait of every factory,
/// each in a transaction that is rolled back.
///
/// It needs a server, like the tests of [`requires_test_data`], and the records' datasets, which it
/// provisions.
///
/// ```
/// # mod factories {
/// use tdata::{Factory, Record};
///
/// #[derive(Clone, Debug, Record, Factory)]
/// #[record(dataset = "accounts", partial)]
/// #[factory(trait(pro => plan = "pro"))]
/// struct Account {
///     id: i32,
///     plan: String,
/// }
/// # }
///
/// # /*
/// tdata::factories_lint!(AccountFactory);
/// # */
/// ```
#[cfg(feature = "server")]
#[macro_export]
macro_rules! factories_lint {
    ($($factory:ty),+ $(,)?) => {
        #[::core::prelude::v1::test]
        fn factories_lint() {
            let lints = [$($crate::__private::create::lints::<$factory>()),+];
            $crate::__private::factories_lint(&lints, ::core::env!("CARGO_MANIFEST_DIR"));
        }
    };
}

/// Configures the engine that the tests of this program share: those of [`requires_test_data`],
/// [`TestData::request`] and [`factories_lint!`]. It stands once in a test program, in any of its modules, and gets
/// what the environment says as a [`Config`].
///
/// ```standalone_crate
/// # use std::io::Error;
/// # struct Migrator;
/// # impl Migrator { async fn up(_: String) -> Result<(), Error> { Ok(()) } }
/// // The migrations are Rust: SeaORM's `Migrator`, refinery's `embed_migrations!`, sqlx's `migrate!`.
/// tdata::configure!(|config| config.migrate_with_async("7", Migrator::up));
/// # fn main() {}
/// ```
///
/// It says so before `main`, so it belongs to the test program itself. The linker may leave it out where it stands in a
/// library that the tests use.
#[cfg(feature = "server")]
#[macro_export]
macro_rules! configure {
    ($change:expr $(,)?) => {
        const _: () = {
            extern "C" fn configure() {
                const CHANGE: fn($crate::Config) -> $crate::Config = $change;
                $crate::__private::configure(CHANGE, ::core::file!(), ::core::line!());
            }
            // What stands in this section is called before `main`. The name of the section is all that is unsafe of it.
            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
            #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
            static CONFIGURE: extern "C" fn() = configure;
        };
    };
}

/// What the macros expand to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use tdata_core::contract::{Isolation, Keep, Scope, Volume};
    pub use tdata_core::sql::{SqlKind, SqlKinds};
    pub use tdata_core::value::Value;
    pub use tdata_factory::{Mismatch, create, factory, field, record, types};
    #[cfg(feature = "server")]
    pub use tdata_runtime::harness::{
        Binary, Declaration, InjectNothing, Outcome, ShouldPanic, Test, configure, factories_lint,
        run, run_async, run_fn,
    };
}

/// The examples of the README are compiled with the documentation's.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// So are those of the guide to factories.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../docs/factories.md")]
struct FactoriesGuide;
