//! The macros of [tdata](https://docs.rs/tdata), which re-exports them.

mod cache;
mod definitions;
mod factory;
mod field_type;
mod identifier;
mod letter_case;
mod mistakes;
mod record;
mod record_item;
mod records;
mod requires_test_data;
mod rust_types;

use proc_macro::TokenStream;

use definitions::Definitions;

/// Gives a test the data it declares.
///
/// Before the body runs, tdata starts a PostgreSQL, generates, masks, loads and checks the rows of the
/// datasets, and injects the parameters. After the test, whatever it did is gone.
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
/// | `datasets` | the datasets by name; those that they reference come along | required |
/// | `volume` | rows, or `full` for the definition's count: `50` or `full` for every dataset, `{ users = 50, orders = full }` for those named | 100 rows, or the definition's count if that is less |
/// | `scope` | how long the data lives and who shares it: `test_case`, `test_class`, `test_module` or `shared` | `test_case`; on a module `test_class` |
/// | `isolation` | what separates the data from those of other tests: `full` (a database), `schema` or `transaction` | `full` |
/// | `apply_masking` | whether personal data is masked | `true` |
/// | `version` | `"latest"`, or a version of the definitions from the project's Git history, such as `"v1.2.0"` | `"latest"` |
/// | `seed` | the number that all random values depend on | `tdata.toml`'s, else 42 |
/// | `as_of` | the time that relative dates count from, such as `"2024-05-01"` | `TDATA_AS_OF`, `tdata.toml`'s, else the day's start in UTC |
/// | `writable` | whether tests may write to data they share | `false` |
/// | `keep` | whether the data stay after the test, so that you can look at them: `never`, `on_failure`, `always` | `TDATA_KEEP`, `tdata.toml`'s, else `never` |
/// | `crate` | where the crate `tdata` is found, such as `my::tdata` | `::tdata` |
///
/// Words need no quotes, and may be in any letter case: `scope = test_class` is the same as
/// `scope = "TEST_CLASS"`.
///
/// The compiler checks the options against the project's definitions. An unknown dataset is an error on
/// its name. With a `version` other than the latest, names are checked when the test runs.
///
/// When `tdata.toml` or the definition of a dataset that the test uses changes, cargo compiles
/// again. It tracks these files, not their folder. So it notices a new file, such as the definition
/// that an error asks for, only when one of these files or the code changes, too.
///
/// # Parameters
///
/// Each parameter is injected by its type, which implements `FromTestData`: `TestData` itself, a
/// client, a pool, the database's URL. The type also gets the parameter's name; `_users: Dataset` are the
/// rows of `users`, too. An `async` test can also
/// take what implements `FromTestDataAsync`, such as `tokio_postgres::Client`, but not the synchronous
/// `postgres::Client`.
///
/// With `#[rstest]` below, unmarked parameters of the types `TestData`, `Dataset`, `Client`,
/// `DatabaseUrl`, `PgPool`, `PgConnection`, `DatabaseConnection` and `deadpool_postgres::Pool` are
/// injected, and those with `#[inject]`. The others stay rstest's: fixtures, and
/// whatever bears `#[case]`, `#[values]` or another attribute of its own. The same goes for
/// `#[apply]` of `rstest_reuse`, `#[test_case]`, `#[test_matrix]` and `#[quickcheck]`.
///
/// # Other test attributes
///
/// The attribute stacks with `#[test]`, `#[tokio::test]`, `#[rstest]` and the like, in any order.
/// If the test has parameters, write it above the others: otherwise they would see parameters that they
/// do not know. A test without parameters reaches its data with `TestData::current()`.
///
/// Alone on a function that is not `async`, it makes a `#[test]` of it. A test with `#[should_panic]` that panics
/// as it should is no failure: nothing is reported of it.
///
/// # Modules
///
/// On a module with its code in braces, it applies to every test in it, also in inner modules. These
/// tests share the data, unless `scope` says otherwise. If a test or an inner module has a
/// `#[requires_test_data]` of its own, only that one applies to it. The code of `mod orders;` is in another
/// file, which stable Rust shows to no attribute: there, put the tests within `mod tests { .. }`.
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

/// Makes a record of a struct: a row as a struct, of a dataset, of a table, or of memory only.
///
/// ```text
/// #[derive(Clone, Debug, Record)]
/// #[record(dataset = "users", partial)]
/// struct User {
///     id: i32,
///     email: String,
///     status: UserStatus,
///     account_id: i32,
/// }
///
/// fn pays(user: &User, accounts: &Dataset<Account>) -> bool {
///     user.account(accounts).plan != "free"
/// }
/// ```
///
/// Each field is the column of its name. The compiler checks a record of a dataset against the
/// definition: the fields must exist, their types must hold the columns' values, fields that can be null
/// must be an `Option`, and the variants of an enum must be the choices. The struct must have every field
/// that cannot be null.
///
/// # Options of the struct
///
/// | option | value | default |
/// |---|---|---|
/// | `dataset` | the dataset whose rows these are: `"users"` | none: the record is in memory only, or of a `table` |
/// | `table` | the table, for one that no definition describes: `"users"` or `"billing.invoices"` | the dataset's, else none |
/// | `partial` | whether fields may be missing that cannot be null | `false` |
/// | `crate` | where the crate `tdata` is found, such as `my::tdata` | `::tdata` |
///
/// # Options of a field
///
/// | option | value | default |
/// |---|---|---|
/// | `rename` | the column: `"type"` | the field's name |
/// | `skip` | the field has no column; it is read as its type's `Default` | |
/// | `key` | the field is the primary key, by which `Dataset` finds rows | the definition's key; without a dataset, `id` |
/// | `follow` | the name of the method to the row that the field references, or `false` for none | `account` of `account_id`, `owner_record` of `owner` |
///
/// # Relationships
///
/// For every foreign key to another dataset's primary key there is a method that finds the row in the
/// rows of that dataset, such as `user.account(&accounts)`. If the key is an `Option`, the method
/// returns one. If you pass the rows of another dataset, the build fails:
///
/// ```compile_fail
/// # use tdata::{Dataset, Record};
/// #[derive(Record)]
/// #[record(dataset = "users", partial)]
/// struct User {
///     id: i32,
///     account_id: i32,
/// }
///
/// # fn main() {
/// let users: Dataset<User> = Dataset::new("users", vec![User { id: 1, account_id: 1 }]);
/// users[0].account(&users);
/// # }
/// ```
#[proc_macro_derive(Record, attributes(record))]
pub fn derive_record(input: TokenStream) -> TokenStream {
    record::record(input.into(), Definitions::of_this_package()).into()
}

/// Makes a type that the fields of records can have: of an enum, whose variants are texts, or of a
/// struct around one value, which is read and written as that value.
///
/// ```text
/// #[derive(Clone, Copy, Debug, PartialEq, FieldType)]
/// #[field(choices = "orders.status")]
/// enum OrderStatus {
///     Pending,
///     Paid,
///     Shipped,
///     Cancelled,
/// }
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash, FieldType)]
/// struct UserId(i32);
/// ```
///
/// # Options of an enum
///
/// | option | value | default |
/// |---|---|---|
/// | `choices` | the field whose choices the variants are, which is checked while compiling: `"orders.status"` | none: checked where a record has the enum |
/// | `rename_all` | how the texts are made of the variants' names: `"snake_case"`, `"lowercase"`, `"UPPERCASE"`, `"SCREAMING_SNAKE_CASE"`, `"kebab-case"`, `"PascalCase"` or `"camelCase"` | `"snake_case"` |
/// | `crate` | where the crate `tdata` is found, such as `my::tdata`; also on a struct | `::tdata` |
///
/// # Options of a variant
///
/// | option | value | default |
/// |---|---|---|
/// | `rename` | the text: `"on hold"` | what `rename_all` makes of the name |
/// | `other` | the variant holds every text that no other variant stands for: `Other(String)` | |
#[proc_macro_derive(FieldType, attributes(field))]
pub fn derive_field_type(input: TokenStream) -> TokenStream {
    field_type::field_type(input.into(), Definitions::of_this_package()).into()
}

/// Makes the records of datasets: a struct for each, with a field for every field of the definition,
/// and an enum for every field with choices.
///
/// ```text
/// tdata::records!(users, orders = Purchase, factories = true);
///
/// fn is_due(purchase: &Purchase, users: &Dataset<User>) -> bool {
///     purchase.status == PurchaseStatus::Pending && purchase.user(users).is_verified
/// }
/// ```
///
/// With no dataset named it makes those of all definitions there are. A dataset that is not an
/// identifier is named in quotes. The record of `order_items` is an `OrderItem`, unless it is named
/// otherwise. All that these are and have is public.
///
/// # Options
///
/// They stand behind the datasets.
///
/// | option | value | default |
/// |---|---|---|
/// | `factories` | whether each record has a factory as well; a foreign key to another of these records is an association | `false` |
/// | `associations` | the factories of records that are written by hand, by dataset: `{ accounts = AccountFactory }`; a foreign key to one is an association | those that stand in the same module of the same file |
/// | `crate` | where the crate `tdata` is found, such as `my::tdata` | `::tdata` |
///
/// # Types
///
/// A field that can be null is an `Option`. Where tdata has the feature of a crate, that crate's types
/// are taken:
///
/// | column | type | without the feature |
/// |---|---|---|
/// | `smallint`, `integer`, `bigint` | `i16`, `i32`, `i64` | |
/// | `real`, `double precision` | `f32`, `f64` | |
/// | `numeric` without digits behind the point | `i32` up to 9 digits, `i64` up to 18 | |
/// | other `numeric` | `rust_decimal::Decimal` | `f64` up to 15 digits, else `String` |
/// | `boolean` | `bool` | |
/// | `date`, `time` | `jiff::civil::Date` and `Time`, or `chrono::NaiveDate` and `NaiveTime` | `String` |
/// | `timestamp` | `jiff::civil::DateTime`, or `chrono::NaiveDateTime` | `tdata::Instant` |
/// | `timestamptz` | `jiff::Timestamp`, or `chrono::DateTime<Utc>` | `tdata::Instant` |
/// | `uuid` | `uuid::Uuid` | `String` |
/// | `inet` | `std::net::IpAddr` | |
/// | `json`, `jsonb` | `serde_json::Value` | `String` |
/// | `bytea` | `Vec<u8>` | |
/// | texts and all others | an enum of the choices where there are some, else `String` | |
///
/// The definitions are read when the code is compiled. Cargo tracks the files that were there: a new
/// one is noticed when one of them or the code changes as well.
#[proc_macro]
pub fn records(input: TokenStream) -> TokenStream {
    records::records(input.into(), Definitions::of_this_package()).into()
}

/// Makes a factory of a record: `UserFactory` of `User`. A test says what matters to it, and the
/// rest is made.
///
/// ```text
/// #[derive(Clone, Debug, Record, Factory)]
/// #[record(dataset = "users", partial)]
/// #[factory(trait(verified => is_verified = true))]
/// struct User {
///     id: i32,
///     #[factory(sequence = |n| format!("user{n}@example.com"))]
///     email: String,
///     is_verified: bool,
///     #[factory(association = AccountFactory)]
///     account_id: i32,
/// }
///
/// let ada = UserFactory::verified().email("ada@example.com").build();
/// let some = UserFactory::new().account_with(|account| account.pro()).create_batch(5, &mut client)?;
/// ```
///
/// The struct derives `Record` as well. Its fields are of types that can be cloned.
///
/// # What a factory has
///
/// `UserFactory` starts records: by `new()`, or by a trait's name. The builder that these return has
///
/// | method | what it does |
/// |---|---|
/// | `email("..")` | sets a field or a transient; `set_build(..)` and the like where the builder has a method of the field's name |
/// | `verified()` | says what a trait says |
/// | `account_id(5)`, `account(&account)` | sets the record that this one belongs to, by its key or itself; `owner_record(&user)` where the foreign key is called `owner` |
/// | `account_with(\|account\| ..)` | says more about the record that is made for this one to belong to |
/// | `account_each()` | gives each record of a batch one of its own to belong to; otherwise they share one |
/// | `with_items(2)`, `with_items_of(2, \|item\| ..)` | adds records that belong to this one, and says more about them |
/// | `build()`, `build_batch(5)` | makes records in memory |
/// | `create(&mut client)`, `create_batch(5, &mut client)` | makes records and stores them, with all that they belong to and that belongs to them, if they are of a dataset or a table |
/// | `create_async(client)`, `create_batch_async(5, client)` | the same through an async client |
/// | `attributes()`, `to_json()` | makes a record in memory as JSON, without the keys that others give or with all fields; with the feature `serde_json` |
///
/// `UserFactory::reset_sequences()` lets the factory count from its first record again.
///
/// # Options of the struct
///
/// | option | what it does |
/// |---|---|
/// | `trait(verified => is_verified = true)` | says several things under one name. Each is what a method of the builder takes: `plan = "pro"`, `account_with = \|account\| account.pro()`, `with_items_of(2, \|item\| item)`, `account_each`, or a trait above |
/// | `transient(shouting: bool = false)` | a parameter that is no column. Fields made of others see it, and hooks as a field of `&UserTransients`. Without a default it is that of its type |
/// | `after_build = hook` | a function or closure of `&mut User`, for each record once it is made; with transients of `&UserTransients` too |
/// | `after_create = hook` | a function or closure of `&User` and `&mut AfterCreate`, for each record once it is stored; with transients of `&UserTransients` too. The record is `Clone` |
/// | `name = CustomerFactory` | the factory's name |
///
/// # Options of a field
///
/// One of these says what a field is when a test does not:
///
/// | option | the field is |
/// |---|---|
/// | `default = 5` | the expression's value |
/// | `generator = "random_int, min: 1, max: 9"` | made by a generator, written as in a definition |
/// | `sequence = \|n\| format!("SKU-{n}")` | made of the record's number |
/// | `lazy = \|u\| format!("{} {}", u.first_name, u.last_name)` | made of other fields, foreign keys and transients, whatever their order |
/// | `association = AccountFactory` | the key of a record that this factory makes |
/// | `has_many = ItemFactory, by = order_id` | the records that belong to this one, whose field `order_id` is an association; on a `Vec` with `#[record(skip)]` |
///
/// Without any, a field is made by the definition's generator, but a foreign key that is an `Option` is
/// `None`. Where there is no definition an `Option` is `None`, a primary key of whole numbers counts,
/// and any other field is a mistake. A field with `#[record(skip)]` is its type's default.
///
/// Primary keys that a definition's `sequence` makes, and those that count, are the database's next
/// ones where records are stored.
///
/// All values are the same in every run of a test, and differ between tests: they are functions of the
/// seed, the as-of time, the test's name and of how many records it made before.
#[proc_macro_derive(Factory, attributes(factory, record))]
pub fn derive_factory(input: TokenStream) -> TokenStream {
    factory::factory(input.into(), Definitions::of_this_package()).into()
}
