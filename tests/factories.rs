//! Factories on a real server: records stored, what they belong to first, and all of them or none.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tdata::{
    AfterCreate, CopyRows, Dataset, Factory, FieldType, Record, Store, StoreError, TestData,
    requires_test_data,
};
use tokio_postgres::NoTls;

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "accounts")]
struct Account {
    id: i32,
    public_id: String,
    plan: String,
    credit: f64,
    billing_day: i16,
    signup_ip: std::net::IpAddr,
    signup_agent: String,
    opened_on: String,
    closed_at: Option<tdata::Instant>,
    currency: String,
}

/// A key of a type of its own counts as well.
#[derive(Clone, Copy, Debug, PartialEq, FieldType)]
struct OrganizationId(i32);

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "organizations")]
struct Organization {
    id: OrganizationId,
    name: String,
    slug: String,
    website: String,
    street: String,
    city: String,
    state: String,
    postal_code: String,
    country: String,
    employees: i32,
    motto: Option<String>,
    tag: String,
    parent_id: Option<OrganizationId>,
}

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "users")]
#[factory(trait(verified => is_verified = true))]
#[factory(trait(pro => account_with = |account| account.plan("pro")))]
struct User {
    id: i32,
    email: String,
    phone: String,
    first_name: String,
    last_name: String,
    ssn: String,
    address: String,
    date_of_birth: String,
    created_at: tdata::Instant,
    status: String,
    is_verified: bool,
    #[factory(association = AccountFactory)]
    account_id: i32,
    #[factory(association = OrganizationFactory)]
    organization_id: OrganizationId,
}

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "orders")]
#[factory(transient(items_after: usize = 0))]
#[factory(after_create = add_items)]
struct Order {
    id: i32,
    order_number: String,
    #[factory(association = UserFactory)]
    user_id: i32,
    total: f64,
    status: String,
    placed_at: tdata::Instant,
    #[factory(default = "it's \\ a\ttab\nand 100 %")]
    note: Option<String>,
    #[record(skip)]
    #[factory(has_many = OrderItemFactory, by = order_id)]
    items: Vec<OrderItem>,
}

fn add_items(order: &Order, after: &mut AfterCreate, transients: &OrderTransients) {
    if transients.items_after > 0 {
        after.create_batch(OrderItemFactory::new().order(order), transients.items_after);
        after.execute(format!("UPDATE orders SET status = 'filled' WHERE id = {}", order.id));
    }
}

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "order_items")]
struct OrderItem {
    id: i64,
    #[factory(association = OrderFactory)]
    order_id: i32,
    sku: String,
    quantity: i16,
    unit_price: f64,
    gift_note: Option<String>,
}

fn count(data: &TestData, table: &str) -> i64 {
    data.client().query_one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap().get(0)
}

#[requires_test_data(datasets = ["order_items"], volume = 0)]
#[test]
fn a_record_is_stored_behind_what_it_belongs_to(data: TestData) {
    let order = OrderFactory::new()
        .user_with(|user| user.verified().pro())
        .with_items(3)
        .create(&mut data.client())
        .unwrap();
    assert_eq!((order.id, order.user_id, order.items.len()), (1, 1, 3));
    assert!(order.items.iter().all(|item| item.order_id == order.id));
    for (table, rows) in
        [("accounts", 1), ("organizations", 1), ("users", 1), ("orders", 1), ("order_items", 3)]
    {
        assert_eq!(count(&data, table), rows, "{table}");
    }
    // What is read back is what was made.
    let orders: Dataset<Order> = data.records();
    assert_eq!(Order { items: Vec::new(), ..order.clone() }, orders[0]);
    assert_eq!(data.records::<OrderItem>().as_slice(), order.items);
    let users: Dataset<User> = data.records();
    let user = order.user(&users);
    assert!(user.is_verified);
    assert_eq!(user.organization_id, OrganizationId(1));
    assert_eq!(user.account(&data.records::<Account>()).plan, "pro");
}

#[requires_test_data(datasets = ["order_items"], volume = 0)]
#[test]
fn a_batch_shares_its_parents_unless_each_is_to_have_one(data: TestData) {
    let mut db = data.client();
    let users = UserFactory::new().create_batch(500, &mut db).unwrap();
    assert_eq!((count(&data, "users"), count(&data, "accounts")), (500, 1));
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), (1..=500).collect::<Vec<_>>());
    let stored: Dataset<User> = data.records();
    assert!(users.iter().all(|user| stored.by_key(&user.id) == Some(user)));

    let users = UserFactory::new().account_each().create_batch(100, &mut db).unwrap();
    assert_eq!((count(&data, "users"), count(&data, "accounts")), (600, 101));
    assert_eq!(users[99].account_id, 101);

    let account = AccountFactory::new().create(&mut db).unwrap();
    let users = UserFactory::new().account(&account).create_batch(10, &mut db).unwrap();
    assert!(users.iter().all(|user| user.account_id == account.id));
    assert_eq!(count(&data, "accounts"), 102);

    let orders = OrderFactory::new().with_items(60).create_batch(60, &mut db).unwrap();
    assert_eq!(count(&data, "order_items"), 3_600);
    let items: Dataset<OrderItem> = data.records();
    assert!(orders[59].items.iter().all(|item| items.by_key(&item.id) == Some(item)));
}

#[requires_test_data(datasets = ["orders"], volume = { users = 50, orders = 200 })]
#[test]
fn what_is_created_stands_beside_what_is_provisioned(data: TestData) {
    let mut db = data.client();
    let user = UserFactory::new().create(&mut db).unwrap();
    assert_eq!(user.id, 51);
    OrderFactory::new().user(&user).create_batch(1_000, &mut db).unwrap();
    assert_eq!(count(&data, "orders"), 1_200);
}

#[requires_test_data(datasets = ["order_items"], volume = 0)]
#[test]
fn hooks_run_once_all_is_stored(data: TestData) {
    let mut db = data.client();
    let orders = OrderFactory::new().items_after(2).create_batch(3, &mut db).unwrap();
    assert_eq!(count(&data, "order_items"), 6);
    let filled: i64 =
        db.query_one("SELECT count(*) FROM orders WHERE status = 'filled'", &[]).unwrap().get(0);
    assert_eq!(filled as usize, orders.len());
}

#[requires_test_data(datasets = ["order_items"], volume = 0)]
#[test]
fn what_is_refused_leaves_nothing(data: TestData) {
    let mut db = data.client();
    for count_of_orders in [1, 100] {
        let refused = OrderFactory::new()
            .with_items_of(1, |item| item.sku("far too long for its column"))
            .create_batch(count_of_orders, &mut db);
        let error = refused.unwrap_err();
        assert_eq!(error.sqlstate(), Some("22001"));
        assert!(!error.to_string().contains("far too long"), "{error}");
        assert_eq!((count(&data, "orders"), count(&data, "users")), (0, 0));
    }
    // The connection is as good as before.
    assert_eq!(OrderFactory::new().create(&mut db).unwrap().items.len(), 0);
}

#[requires_test_data(datasets = ["order_items"], volume = 0)]
#[test]
fn a_transaction_stays_the_callers(data: TestData) {
    let mut db = data.client();
    let mut transaction = db.transaction().unwrap();
    OrderFactory::new().with_items(2).create_batch(100, &mut transaction).unwrap();
    let refused = UserFactory::new().email("x".repeat(256)).create_batch(900, &mut transaction);
    assert_eq!(refused.unwrap_err().sqlstate(), Some("22001"));
    // The savepoint went, and the transaction goes on.
    let row = transaction.query_one("SELECT count(*) FROM orders", &[]).unwrap();
    assert_eq!(row.get::<_, i64>(0), 100);
    transaction.rollback().unwrap();
    assert_eq!(count(&data, "orders"), 0);
}

#[requires_test_data(datasets = ["orders"], volume = 3, isolation = "transaction")]
#[test]
fn factories_work_within_a_tests_transaction(data: TestData) {
    let mut db = data.client();
    OrderFactory::new().create_batch(100, &mut db).unwrap();
    let orders: i64 = db.query_one("SELECT count(*) FROM orders", &[]).unwrap().get(0);
    assert_eq!(orders, 103);
}

#[requires_test_data(datasets = ["orders"], volume = 3, isolation = "schema")]
#[test]
fn factories_work_within_a_schema(data: TestData) {
    OrderFactory::new().create_batch(100, &mut data.client()).unwrap();
    assert_eq!(data.records::<Order>().len(), 103);
}

#[requires_test_data(datasets = ["orders"], volume = 0)]
#[tokio::test]
async fn an_async_client_does_the_same(data: TestData) {
    let (mut client, connection) = tokio_postgres::connect(data.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let order = OrderFactory::new().create_async(&client).await.unwrap();
    assert_eq!(order.id, 1);
    let transaction = client.transaction().await.unwrap();
    let orders = OrderFactory::new().create_batch_async(2_000, &transaction).await.unwrap();
    assert_eq!(orders[1_999].id, 2_001);
    let refused = UserFactory::new().email("x".repeat(256)).create_async(&transaction).await;
    assert_eq!(refused.unwrap_err().sqlstate(), Some("22001"));
    transaction.rollback().await.unwrap();
    let refused = UserFactory::new().email("x".repeat(256)).create_batch_async(900, &client).await;
    assert_eq!(refused.unwrap_err().sqlstate(), Some("22001"));
    let row = client.query_one("SELECT count(*) FROM orders", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
}

/// A client whose connection breaks after some statements.
struct Breaking<S> {
    client: S,
    statements: usize,
}

impl<S: Store> Breaking<S> {
    fn statement(&mut self) -> Result<(), StoreError> {
        if self.statements == 0 {
            // What a client says whose connection is gone, whatever was asked.
            return self.client.execute("SELECT pg_terminate_backend(pg_backend_pid())");
        }
        self.statements -= 1;
        Ok(())
    }
}

impl<S: Store> Store for Breaking<S> {
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
        self.statement()?;
        self.client.query(sql)
    }

    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        self.statement()?;
        self.client.execute(sql)
    }

    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
        self.statement()?;
        self.client.copy(sql, rows)
    }
}

#[requires_test_data(datasets = ["order_items"], volume = 0)]
#[test]
fn a_connection_that_breaks_at_any_step_leaves_all_or_nothing(data: TestData) {
    let mut whole = 0;
    for statements in 0..12 {
        let mut db = Breaking { client: data.client(), statements };
        let created = OrderFactory::new().with_items(1).create_batch(60, &mut db);
        drop(db);
        if created.is_ok() {
            whole += 1;
        }
        assert_eq!(count(&data, "orders"), 60 * whole, "broken after {statements} statements");
        assert_eq!(count(&data, "order_items"), 60 * whole);
        assert_eq!(count(&data, "users"), whole);
    }
    assert!((1..10).contains(&whole), "{whole}");

    let mut more = 0;
    for statements in 0..12 {
        let mut db = Breaking { client: data.client(), statements };
        more += i64::from(OrderFactory::new().create_batch(900, &mut db).is_ok());
        assert_eq!(count(&data, "orders"), 60 * whole + 900 * more);
    }
    assert!((1..10).contains(&more), "{more}");
}

thread_local! {
    /// How many states there are before one cannot be made.
    static STATES: Cell<u32> = const { Cell::new(u32::MAX) };
}

fn fragile_status() -> &'static str {
    assert_ne!(STATES.get(), 0, "there are states left");
    STATES.set(STATES.get() - 1);
    "pending"
}

#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "orders", partial)]
struct FragileOrder {
    id: i32,
    order_number: String,
    #[factory(association = UserFactory)]
    user_id: i32,
    total: f64,
    #[factory(default = fragile_status())]
    status: String,
    placed_at: tdata::Instant,
}

#[requires_test_data(datasets = ["orders"], volume = 0)]
#[test]
fn a_panic_while_records_are_made_leaves_nothing(data: TestData) {
    let mut db = data.client();
    let user = UserFactory::new().create(&mut db).unwrap();
    // With a user to be made there is a transaction, else the copy alone.
    for orders in [FragileOrderFactory::new(), FragileOrderFactory::new().user(&user)] {
        for states in [0, 1, 200, 700] {
            STATES.set(states);
            let made = AssertUnwindSafe(|| orders.clone().create_batch(1_000, &mut db));
            let panic = catch_unwind(made).unwrap_err();
            assert!(panic.downcast_ref::<String>().unwrap().contains("there are states left"));
            STATES.set(u32::MAX);
            assert_eq!((count(&data, "orders"), count(&data, "users")), (0, 1));
            // The connection is as good as before.
            let mut transaction = db.transaction().unwrap();
            orders.clone().create_batch(300, &mut transaction).unwrap();
            transaction.rollback().unwrap();
        }
    }
}

#[requires_test_data(datasets = ["accounts", "users"], volume = { accounts = 4, users = 6 })]
#[test]
fn datasets_are_records(users: Dataset<User>, accounts: Dataset<Account>, data: TestData) {
    assert_eq!((users.len(), accounts.len()), (6, 4));
    assert_eq!(users.name(), "users");
    for (at, (user, row)) in users.iter().zip(data.dataset("users")).enumerate() {
        assert_eq!(user, &users[at]);
        assert_eq!(user.email, row.get::<String>("email"));
        assert_eq!(user.account(&accounts).id, row.get::<i32>("account_id"));
    }
    let first = &users[0];
    assert_eq!(users.find_by(|user| &user.email, &first.email), Some(first));
    assert_eq!(users.by_key(&first.id), Some(first));
    assert_eq!(users.by_key(&0), None);
}

/// A record of a table that no definition describes.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(table = "visits")]
struct Visit {
    id: i64,
    #[factory(generator = "url")]
    page: String,
    #[factory(sequence = |n| n as i64)]
    visitor: i64,
}

#[requires_test_data(datasets = ["accounts"], volume = 0)]
#[test]
fn a_table_without_a_definition_has_records_too(data: TestData) {
    let mut db = data.client();
    db.batch_execute("CREATE TABLE visits (id bigserial PRIMARY KEY, page text, visitor bigint)")
        .unwrap();
    let visits = VisitFactory::new().create_batch(100, &mut db).unwrap();
    assert_eq!(visits[99].id, 100);
    assert_eq!(data.records::<Visit>().as_slice(), visits);

    db.batch_execute("ALTER TABLE visits RENAME page TO pages").unwrap();
    db.batch_execute("ALTER TABLE visits ALTER visitor TYPE text").unwrap();
    let error = data.try_records::<Visit>().unwrap_err().to_string();
    assert!(error.contains("it has no column `page`: did you mean `pages`?"), "{error}");
    assert!(error.contains("`visitor` is text, which cannot be read as `i64`"), "{error}");
}

mod the_lint {
    use super::*;

    tdata::factories_lint!(
        AccountFactory,
        OrganizationFactory,
        UserFactory,
        OrderFactory,
        OrderItemFactory
    );
}

/// What failing tests print is seen from outside: the tests below are run by those behind them, each
/// in a process of its own.
mod replay {
    use std::process::Command;

    use super::*;

    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_memory() {
        // Were a server asked for, this would be told first.
        let users =
            UserFactory::new().account_id(1).organization_id(OrganizationId(1)).build_batch(2);
        panic!("{:?}", users.iter().map(|user| (user.id, &user.email)).collect::<Vec<_>>());
    }

    #[requires_test_data(datasets = ["users"], volume = 0)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_a_database(data: TestData) {
        let user = UserFactory::new().create(&mut data.client()).unwrap();
        panic!("{:?}", (user.id, user.email));
    }

    /// Runs a failing test, and again as the line says that it prints; both must print the same.
    fn assert_replayed(test: &str, environment: &[(&str, &str)]) {
        let run = |environment: &[(&str, &str)]| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", test, "--ignored"]).envs(environment.iter().copied());
            let output = command.output().unwrap();
            assert!(!output.status.success());
            String::from_utf8(output.stdout).unwrap()
        };
        let built = |text: &str| {
            let line = text.lines().find(|line| line.contains("@example.com"));
            line.unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        let text = run(environment);
        let starts = ["TDATA_SEED=", "TDATA_REPLAY="];
        let is_command =
            |line: &&str| starts.iter().any(|word| line.trim_start().starts_with(word));
        let line = text.lines().find(is_command).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains(test), "{line}");
        let variables: Vec<(&str, &str)> =
            line.split_whitespace().filter_map(|word| word.split_once('=')).collect();
        assert!(!variables.is_empty(), "{line}");
        assert_eq!(built(&run(&variables)), built(&text));
        let others = environment.iter().filter(|(name, _)| *name != "TDATA_SEED").copied();
        let other: Vec<_> = others.chain([("TDATA_SEED", "987")]).collect();
        assert_ne!(built(&run(&other)), built(&text));
    }

    #[test]
    fn a_failing_unit_test_says_how_to_build_the_same_again() {
        let environment = [("TDATA_SEED", "5"), ("TDATA_AS_OF", "2024-05-01")];
        let no_server = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", "postgres://nowhere")];
        assert_replayed("replay::in_memory", &[&environment[..], &no_server].concat());
    }

    #[test]
    fn a_failing_test_with_data_says_how_to_create_the_same_again() {
        assert_replayed("replay::in_a_database", &[("TDATA_SEED", "5")]);
    }
}
