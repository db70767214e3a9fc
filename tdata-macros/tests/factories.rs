//! Factories as tests use them, without a database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use tdata::__private::factory::AfterCreate;
use tdata::{
    Context, CopyRows, Factory, FactoryBuilder, FieldType, Instant, Keyed as _, Record, Store,
    StoreError, Volumes,
};

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "accounts", partial)]
#[factory(trait(pro => plan = "pro", billing_day = 15))]
struct Account {
    id: i32,
    plan: String,
    billing_day: i16,
    closed_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldType)]
#[field(choices = "users.status")]
enum UserStatus {
    Active,
    Inactive,
    Suspended,
}

/// Everything but children.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "users", partial)]
#[factory(
    trait(verified => is_verified = true),
    trait(active => status = UserStatus::Active),
    trait(customer => verified, active, account_with = |account| account.pro()),
    trait(lonely => account_each),
    transient(shouting: bool = false, title: Option<&'static str>),
    after_build = |user, transients| if transients.shouting {
        user.greeting.make_ascii_uppercase();
    },
)]
struct User {
    id: i32,
    #[factory(sequence = |n| format!("user{n}@example.com"))]
    email: String,
    #[factory(generator = "first_name")]
    first_name: String,
    last_name: String,
    status: UserStatus,
    is_verified: bool,
    #[factory(association = AccountFactory)]
    account_id: i32,
    organization_id: i32,
    #[record(skip)]
    #[factory(lazy = |u| format!("{}, {}!", u.salutation, u.first_name))]
    greeting: String,
    #[record(skip)]
    #[factory(lazy = |u| -> String {
        let Some(title) = u.title else { return "Hello".to_owned() };
        format!("Hello {title} {}", u.last_name)
    })]
    salutation: String,
    #[record(skip)]
    seen: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "order_items", partial)]
struct OrderItem {
    id: i64,
    #[factory(association = OrderFactory)]
    order_id: i32,
    quantity: i16,
    #[record(rename = "gift_note")]
    #[factory(default = None)]
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "orders", partial)]
#[factory(trait(large => with_items_of(3, |item| item.quantity(9))), trait(pair => with_items = 2))]
#[factory(after_create = |order, after| {
    after.execute(format!("SELECT notify({})", order.id));
    after.create(OrderItemFactory::new().order(order));
})]
struct Order {
    id: i32,
    #[factory(association = UserFactory)]
    user_id: i32,
    #[record(skip)]
    #[factory(has_many = OrderItemFactory, by = order_id)]
    items: Vec<OrderItem>,
}

/// A record in a table that no definition describes.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(table = "audit.entries")]
#[factory(transient(loud: bool = false), after_create = tell)]
struct Entry {
    #[record(key)]
    number: i64,
    #[factory(default = "nothing")]
    text: String,
}

fn tell(entry: &Entry, after: &mut AfterCreate, transients: &EntryTransients) {
    if transients.loud {
        after.execute(format!("NOTIFY entries, '{}'", entry.text));
    }
}

/// A record that no definition describes.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[factory(name = Lines)]
struct Line {
    id: i64,
    #[factory(generator = "pattern, pattern: \"SKU-{{random_digits:6}}\"")]
    sku: String,
    #[factory(generator = "random_int, min: 2, max: 9")]
    quantity: i32,
    #[factory(default = 250)]
    price: i64,
    #[factory(lazy = |line| line.price * i64::from(line.quantity))]
    total: i64,
    remark: Option<String>,
    r#type: Option<i16>,
    /// Called like a method of every builder.
    #[factory(default = "{}")]
    attributes: String,
}

#[derive(Clone, Debug, Record, Factory)]
struct Egg {
    id: i32,
    #[factory(association = HenFactory)]
    hen_id: i32,
}

#[derive(Clone, Debug, Record, Factory)]
struct Hen {
    id: i32,
    #[factory(association = EggFactory)]
    egg_id: i32,
}

/// Employees have a boss, some of them.
#[derive(Clone, Debug, Record, Factory)]
struct Employee {
    id: i32,
    #[factory(association = EmployeeFactory)]
    boss: Option<i32>,
}

fn context(test: &str) -> Context {
    Context::new(test, 42, "2024-05-01".parse().unwrap(), Volumes::default())
}

#[test]
fn what_a_test_does_not_say_comes_from_the_definition() {
    let accounts = AccountFactory::new().build_batch(50);
    let days = accounts.iter().map(|account| account.billing_day);
    assert!(days.clone().all(|day| (1..=28).contains(&day)));
    assert!(days.collect::<HashSet<_>>().len() > 5);
    assert!(accounts.iter().all(|one| ["free", "pro", "enterprise"].contains(&&*one.plan)));
    let ids: HashSet<i32> = accounts.iter().map(|account| *account.key()).collect();
    assert_eq!(ids.len(), 50);
}

#[test]
fn what_a_test_says_holds() {
    let user = UserFactory::new().id(7).email("ada@example.com").status(UserStatus::Inactive);
    let user = user.account_id(3).build();
    assert_eq!((user.id, user.account_id, user.status), (7, 3, UserStatus::Inactive));
    assert_eq!(user.email, "ada@example.com");
    let closed: Instant = "2024-01-01".parse().unwrap();
    assert_eq!(AccountFactory::new().closed_at(closed).build().closed_at, Some(closed));
    assert_eq!(AccountFactory::new().closed_at(None).build().closed_at, None);
}

#[test]
fn traits_compose() {
    let user = UserFactory::verified().active().build();
    assert!(user.is_verified && user.status == UserStatus::Active);
    let user = UserFactory::customer().status(UserStatus::Suspended).build();
    assert!(user.is_verified && user.status == UserStatus::Suspended);
    let account = AccountFactory::pro().plan("free").build();
    assert_eq!((account.plan.as_str(), account.billing_day), ("free", 15));
    let names = <UserFactory as Factory>::TRAITS.iter().map(|(name, _)| *name);
    assert_eq!(names.collect::<Vec<_>>(), ["verified", "active", "customer", "lonely"]);
}

#[test]
fn sequences_count() {
    let users = UserFactory::new().build_batch(3);
    let numbers = users.iter().map(|user| {
        let number = user.email.strip_prefix("user").unwrap().strip_suffix("@example.com").unwrap();
        number.parse::<u64>().unwrap()
    });
    let numbers: Vec<u64> = numbers.collect();
    assert_eq!(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2]);
}

#[test]
fn lazy_fields_follow_what_is_said() {
    let user = UserFactory::verified().first_name("Ada").build();
    assert_eq!((user.salutation.as_str(), user.greeting.as_str()), ("Hello", "Hello, Ada!"));
    let user = UserFactory::new().first_name("Ada").salutation("Dear").build();
    assert_eq!(user.greeting, "Dear, Ada!");
    assert_eq!(user.seen, Vec::<u8>::new());
    let lines = Lines::new().quantity(3).build_batch(2);
    assert!(lines.iter().all(|line| line.total == 750));
}

#[test]
fn transients_reach_lazy_fields_and_hooks() {
    let user = UserFactory::new().title("Dr").first_name("Ada").last_name("Byron");
    assert_eq!(user.clone().build().greeting, "Hello Dr Byron, Ada!");
    assert_eq!(user.shouting(true).build().greeting, "HELLO DR BYRON, ADA!");
}

#[test]
fn a_batch_shares_a_parent_unless_each_has_its_own() {
    let parents = |users: &[User]| users.iter().map(|user| user.account_id).collect::<HashSet<_>>();
    assert_eq!(parents(&UserFactory::new().build_batch(4)).len(), 1);
    assert_eq!(parents(&UserFactory::lonely().build_batch(4)).len(), 4);
    let account = AccountFactory::new().build();
    let users = UserFactory::new().account(&account).build_batch(4);
    assert_eq!(parents(&users), HashSet::from([account.id]));
    let user = UserFactory::new().account_with(|account| account.id(5).pro()).build();
    assert_eq!(user.account_id, 5);
    assert_eq!(EmployeeFactory::new().boss(None).build().boss, None);
    let boss = EmployeeFactory::new().boss(None).build();
    assert_eq!(EmployeeFactory::new().boss_record(&boss).build().boss, Some(boss.id));
}

#[test]
fn children_belong_to_their_record() {
    assert_eq!(OrderFactory::new().build().items, []);
    let order = OrderFactory::new().with_items(2).with_items_of(1, |item| item.quantity(5)).build();
    assert_eq!(order.items.len(), 3);
    assert!(order.items.iter().all(|item| item.order_id == order.id));
    assert_eq!(order.items[2].quantity, 5);
    let orders = OrderFactory::pair().large().build_batch(2);
    assert_ne!(orders[0].items, orders[1].items);
    assert!(orders.iter().all(|order| order.items.len() == 5 && order.items[4].quantity == 9));
    assert_eq!(order.items[0].note, None);
}

#[test]
fn a_test_builds_the_same_again_and_another_test_builds_others() {
    let build = |test: &str| {
        let _entered = context(test).enter();
        (UserFactory::new().build_batch(3), OrderFactory::large().build(), Lines::new().build())
    };
    assert_eq!(build("shop::pays"), build("shop::pays"));
    let (one, other) = (build("shop::pays"), build("shop::ships"));
    assert!(one.0[0] != other.0[0] && one.1 != other.1 && one.2 != other.2);
}

#[test]
fn sequences_start_again_where_they_are_reset() {
    let _entered = context("shop::resets").enter();
    let accounts = AccountFactory::new().build_batch(2);
    let line = Lines::new().build();
    AccountFactory::reset_sequences();
    assert_eq!(AccountFactory::new().build(), accounts[0]);
    assert_ne!(Lines::new().build(), line);
}

#[test]
fn records_without_a_definition_name_their_generators() {
    let lines = Lines::new().build_batch(20);
    assert!(lines.iter().all(|line| line.sku.starts_with("SKU-") && line.sku.len() == 10));
    assert!(lines.iter().all(|line| (2..=9).contains(&line.quantity)));
    assert!(lines.iter().all(|line| line.remark.is_none() && line.attributes == "{}"));
    assert_eq!(lines.iter().map(|line| line.id).collect::<HashSet<_>>().len(), 20);
    let line = Lines::new().r#type(5).set_attributes("[]").remark("gift").build();
    assert_eq!((line.r#type, &*line.attributes), (Some(5), "[]"));
}

/// Counts keys from 100 on, and keeps the statements.
#[derive(Default)]
struct Statements(Vec<String>);

impl Store for Statements {
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
        let counts = sql.split("generate_series(1, ").skip(1);
        let counts = counts.map(|rest| rest.split(')').next().unwrap().parse::<u64>().unwrap());
        let keys = counts.map(|count| {
            let keys = (100..100 + count).map(|key| key.to_string()).collect::<Vec<_>>();
            Some(keys.join(","))
        });
        Ok(keys.collect())
    }

    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.extend(sql.lines().map(str::to_owned));
        Ok(())
    }

    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
        self.0.push(sql.to_owned());
        for some in rows {
            drop(some?);
        }
        Ok(())
    }
}

#[test]
fn parents_are_stored_before_children_and_hooks_come_last() {
    let mut statements = Statements::default();
    let order = OrderFactory::pair().create(&mut statements).unwrap();
    assert_eq!((order.id, order.items[0].order_id, order.items[1].id), (100, 100, 101));
    let tables = statements.0.iter().map(|sql| sql.split(['(', '"', ')']).nth(1).unwrap());
    assert_eq!(
        tables.collect::<Vec<_>>(),
        ["accounts", "users", "orders", "order_items", "100", "order_items"],
        "{:#?}",
        statements.0
    );
}

#[test]
fn records_of_a_table_take_keys_that_the_database_counts() {
    let mut statements = Statements::default();
    let entries = EntryFactory::new().create_batch(2, &mut statements).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [100, 101]);
    assert_eq!(statements.0.len(), 1);
    let entry = EntryFactory::new().number(7).loud(true).create(&mut statements).unwrap();
    assert_eq!(entry.number, 7);
    assert_eq!(statements.0[2..], ["NOTIFY entries, 'nothing'"]);
}

#[test]
fn a_builder_tells_nothing_of_what_it_holds() {
    let builder = UserFactory::new().email("ada@example.com");
    assert_eq!(format!("{builder:?}"), "UserFactoryBuilder");
    let associations = UserFactoryBuilder::BLUEPRINT.associations.iter();
    assert_eq!(associations.map(|one| one.field).collect::<Vec<_>>(), ["account_id"]);
}

#[test]
#[should_panic(expected = "these factories need each other without end: \
                           EggFactory → HenFactory → EggFactory")]
fn factories_that_need_each_other_are_told() {
    EggFactory::new().build();
}

/// Records of definitions beside those by hand, which stand in the same module or are named.
mod both {
    use tdata::{Factory, Record};

    tdata::records!(
        users,
        order_items,
        factories = true,
        associations = { organizations = elsewhere::Organizations },
    );

    #[derive(Clone, Debug, Record, Factory)]
    #[record(dataset = "accounts", partial)]
    #[factory(trait(pro => plan = "pro"))]
    struct Account {
        id: i32,
        plan: String,
    }

    #[derive(Clone, Debug, Record, Factory)]
    #[record(dataset = "orders", partial)]
    struct Order {
        id: i32,
        #[factory(association = UserFactory)]
        user_id: i32,
        #[record(skip)]
        #[factory(has_many = OrderItemFactory, by = order_id)]
        items: Vec<OrderItem>,
    }

    mod elsewhere {
        use tdata::{Factory, Record};

        #[derive(Clone, Debug, Record, Factory)]
        #[record(dataset = "organizations", partial)]
        #[factory(name = Organizations)]
        pub(super) struct Organization {
            pub(super) id: i32,
        }
    }

    #[test]
    fn each_leads_to_the_other() {
        let account = AccountFactory::pro().build();
        let user = UserFactory::new().account(&account).build();
        assert_eq!(user.account_id, account.id);
        let user = UserFactory::new().account_with(|account| account.pro().id(7)).build();
        assert_eq!(user.account_id, 7);
        let user = UserFactory::new().organization_with(|organization| organization.id(9)).build();
        assert_eq!(user.organization_id, 9);

        let order = OrderFactory::new().user(&user).with_items(2).build();
        assert_eq!((order.user_id, order.items.len()), (user.id, 2));
        assert!(order.items.iter().all(|item| item.order_id == order.id));
        let item = OrderItemFactory::new().order(&order).build();
        assert_eq!(item.order_id, order.id);
    }
}
