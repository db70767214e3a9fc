//! The macros of [tdata](https://docs.rs/tdata), which re-exports them.

mod cache;
mod definitions;
mod mistakes;
mod record_item;
mod requires_test_data;

use proc_macro::TokenStream;

use definitions::Definitions;

/// Gives a test the data it declares.
///
/// Before the body runs, a PostgreSQL is up, the datasets' rows are generated, masked, loaded and
/// checked, and the parameters are injected. Afterwards all that the test did is gone.
///
/// ```text
/// #[requires_test_data(
///     datasets = ["users", "orders", "payments"],
///     volume = { users = 50, orders = 200, payments = full },
///     isolation = "schema",
/// )]
/// #[test]
/// fn checkout_charges_every_order(data: TestData) {
///     let user = &data.dataset("users")[0];
///     assert!(charge_all(&mut data.client(), user.get("id")).is_ok());
/// }
/// ```
///
/// # Options
///
/// | option | value | default |
/// |---|---|---|
/// | `datasets` | the datasets by name; their relationships bring others along | required |
/// | `volume` | rows, or `full` for the definition's count: `50` or `full` for every dataset, `{ users = 50, orders = full }` for those named | 100 rows, or the definition's count if that is less |
/// | `scope` | how long the data lives and who shares it: `test_case`, `test_class`, `test_module` or `shared` | `test_case`; on a module `test_class` |
/// | `isolation` | what separates it from other live data: `full` (a database), `schema` or `transaction` | `full` |
/// | `apply_masking` | whether personal data is masked | `true` |
/// | `version` | `"latest"`, or a version of the definitions from the project's Git history, such as `"v1.2.0"` | `"latest"` |
/// | `seed` | the number that all random choice starts from | `tdata.toml`'s, else 42 |
/// | `as_of` | the time that relative dates count from, such as `"2024-05-01"` | `TDATA_AS_OF`, `tdata.toml`'s, else the day's start in UTC |
/// | `writable` | whether tests may write to data they share | `false` |
/// | `crate` | where the crate `tdata` is found, such as `my::tdata` | `::tdata` |
///
/// Words are taken bare or in quotes, in any letter case: `scope = test_class` is
/// `scope = "TEST_CLASS"`.
///
/// All of it is checked against the project's definitions while compiling; an unknown dataset is an
/// error on its name. With a `version` other than the latest, the names are checked when the test
/// runs.
///
/// When `tdata.toml` or the definition of a dataset that the test uses changes, cargo compiles
/// again. It tracks those files, not their folder: a new file alone, such as the definition that an
/// error asks for, is only noticed when one of them or the code changes as well.
///
/// # Parameters
///
/// Each parameter is injected by its type, which implements `FromTestData`: `TestData` itself, a
/// client, the database's URL. The parameter's name is at hand there too. An `async` test cannot
/// use the synchronous `postgres::Client`: it takes the `DatabaseUrl`.
///
/// With `#[rstest]` below, unmarked parameters of the types `TestData`, `Dataset`, `Client` and
/// `DatabaseUrl` are injected, and those with `#[inject]`. The others stay rstest's: fixtures, and
/// whatever bears `#[case]`, `#[values]` or another attribute of its own. The same goes for
/// `#[apply]` of `rstest_reuse`, `#[test_case]`, `#[test_matrix]` and `#[quickcheck]`.
///
/// # Other test attributes
///
/// The attribute stacks with `#[test]`, `#[tokio::test]`, `#[rstest]` and the like, in any order.
/// Where the test has parameters it stands above them: below, the others would see parameters that
/// they do not know. A test without parameters reaches its data with `TestData::current()`.
///
/// Alone on a function that is not `async`, it makes a `#[test]` of it.
///
/// # Modules
///
/// On a module with its code in braces it applies to every test within, those of inner modules
/// included, which share the data unless `scope` says otherwise. A test or an inner module with a
/// `#[requires_test_data]` of its own keeps that one only.
///
/// ```text
/// #[requires_test_data(datasets = ["orders"])]
/// mod orders {
///     #[test]
///     fn have_a_user(data: TestData) { … }
///
///     #[tokio::test]
///     async fn are_paid(data: TestData) { … }
/// }
/// ```
#[proc_macro_attribute]
pub fn requires_test_data(options: TokenStream, item: TokenStream) -> TokenStream {
    requires_test_data::requires_test_data(
        options.into(),
        item.into(),
        Definitions::of_this_package(),
    )
    .into()
}
