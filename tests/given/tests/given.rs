//! Factories beside rows and types that migrations make, and beside rows that definitions give.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;

use tdata::{Dataset, Factory, Record, TestData, requires_test_data};

tdata::records!(
    statuses,
    plans,
    shelves = Shelf,
    people = Person,
    members,
    visits,
    factories = true
);

/// The same rows, with arrays as lists.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "people")]
struct Listed {
    id: i32,
    mood: String,
    tags: Vec<String>,
    scores: Option<Vec<Option<i32>>>,
    status: String,
}

/// What building panics with.
fn told<T>(build: fn() -> T) -> String {
    let panic = catch_unwind(|| drop(build())).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

thread_local! {
    /// Where this thread panicked last.
    static PLACE: RefCell<String> = RefCell::default();
}

/// Where building panics.
fn place<T>(build: fn() -> T) -> String {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
            PLACE.set(place.unwrap_or_default());
            before(info);
        }));
    });
    told(build);
    PLACE.take()
}

fn text(data: &TestData, sql: &str) -> String {
    data.client().query_one(sql, &[]).unwrap().get(0)
}

#[requires_test_data(datasets = ["people"])]
#[test]
fn a_record_is_created_beside_existing_rows(people: Dataset<Person>, data: TestData) {
    assert_eq!((people.len(), data.counts()["statuses"]), (3, 2));
    let person = PersonFactory::new()
        .status("new")
        .mood(PersonMood::Sad)
        .create(&mut data.client())
        .unwrap();
    assert_eq!(person.mood, PersonMood::Sad);
    let people = data.records::<Person>();
    assert_eq!(people.by_key(&person.id), Some(&person));
    let sql = format!("SELECT status || mood::text FROM people WHERE id = {}", person.id);
    assert_eq!(text(&data, &sql), "newsad");
}

#[requires_test_data(datasets = ["people"], volume = { people = 1 })]
#[test]
fn a_batch_is_created_with_values_of_an_enum(data: TestData) {
    let made = PersonFactory::new().status("old").create_batch(200, &mut data.client()).unwrap();
    for mood in [PersonMood::Glad, PersonMood::Sad] {
        assert!(made.iter().any(|person| person.mood == mood));
    }
    assert_eq!(text(&data, "SELECT count(*)::text FROM people"), "201");
    let old = data.records::<Person>().iter().filter(|person| person.status == "old").count();
    assert!(old >= 200);
}

#[requires_test_data(datasets = ["people"], volume = { people = 2 })]
#[test]
fn arrays_are_lists_in_both_directions(people: Dataset<Listed>, data: TestData) {
    let texts = ["a".to_owned(), "b,c".to_owned()];
    assert_eq!(
        (&people[0].tags[..], &people[0].scores),
        (&texts[..], &Some(vec![Some(1), Some(2)]))
    );
    let factory = ListedFactory::new().status("new");
    let lists =
        [vec![], vec!["".to_owned(), "NULL".to_owned(), "a\"b\\c{,}".to_owned(), " ".to_owned()]];
    for tags in lists {
        for scores in [None, Some(vec![]), Some(vec![Some(-7), None])] {
            let made = factory.clone().tags(tags.clone()).scores(scores);
            let made = made.create(&mut data.client()).unwrap();
            assert_eq!(data.records::<Listed>().by_key(&made.id), Some(&made));
        }
    }
    let made = factory.create(&mut data.client()).unwrap();
    assert_eq!(made.tags, texts);
    // The column can hold what a list cannot.
    let sql = format!("UPDATE people SET tags = '{{{{a,b}},{{c,d}}}}' WHERE id = {}", made.id);
    data.client().batch_execute(&sql).unwrap();
    let error = data.try_records::<Listed>().unwrap_err().to_string();
    assert!(error.contains("an array of more than one dimension"), "{error}");
}

#[requires_test_data(datasets = ["members"])]
#[test]
fn keys_lead_to_rows_that_are_written_out(data: TestData) {
    let members = MemberFactory::new().create_batch(50, &mut data.client()).unwrap();
    for id in [1, 2] {
        assert!(members.iter().any(|member| member.plan_id == id));
    }
    assert_eq!(text(&data, "SELECT count(*)::text FROM plans"), "2");
    let one = MemberFactory::new().plan_id(2).create(&mut data.client()).unwrap();
    assert_eq!(one.plan_id, 2);
}

#[requires_test_data(datasets = ["plans"])]
#[test]
fn a_record_is_created_beside_rows_that_are_written_out(data: TestData) {
    let made = PlanFactory::new().id(3).create(&mut data.client()).unwrap();
    assert!(["free", "pro"].contains(&made.name.as_str()), "{made:?}");
    assert_eq!(text(&data, "SELECT count(*)::text FROM plans"), "3");
}

#[test]
fn what_nothing_makes_is_told_with_what_to_write() {
    let message = "nothing makes `status` of `Person`: give it, as `.status(..)`";
    assert_eq!(told(|| PersonFactory::new().build()), message);
    assert_eq!(told(|| PersonFactory::new().build_batch(2)), message);
    let message = "nothing makes `code` of `Status`: give it, as `.code(..)`";
    assert_eq!(told(|| StatusFactory::new().build()), message);
    assert_eq!(told(|| StatusFactory::new().label("x").build()), message);
    assert_eq!(
        told(|| ShelfFactory::new().build()),
        "nothing makes `id` of `Shelf`: give it, as `.id(..)`"
    );
    assert_eq!(
        told(|| PlanFactory::new().build()),
        "nothing makes `id` of `Plan`: give it, as `.id(..)`"
    );
    let status = StatusFactory::new().code("x").label("y").build();
    assert_eq!((&*status.code, &*status.label), ("x", "y"));
    assert_eq!(PersonFactory::new().status("x").build().status, "x");
    assert!([1, 2].contains(&MemberFactory::new().build().plan_id));
}

/// Keys as another record has them, and records that belong to it.
#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "people", partial)]
struct Host {
    id: i32,
    #[record(rename = "status")]
    #[factory(default = "new")]
    state: String,
    #[record(skip)]
    #[factory(has_many = GuestFactory, by = host_id)]
    guests: Vec<Guest>,
}

#[derive(Clone, Debug, Record, Factory)]
struct Guest {
    id: i32,
    #[factory(association = HostFactory)]
    host_id: i32,
    #[factory(association = VisitFactory)]
    visit_id: i32,
}

#[test]
fn what_nothing_makes_of_nested_records_is_told_with_the_way_there() {
    assert!(HostFactory::new().id(1).build().guests.is_empty());
    let nested = "nothing makes `status` of `Person`: give it, as `.person_with(|person| person.status(..))`";
    assert_eq!(told(|| VisitFactory::new().build()), nested);
    assert_eq!(
        told(|| HostFactory::new().id(1).with_guests_of(2, |guest| guest.id(1)).build()),
        "nothing makes `status` of `Person`: give it, as \
         `.with_guests_of(.., |one| one.visit_with(|visit| visit.person_with(|person| person.status(..))))`"
    );
}

#[test]
fn what_nothing_makes_is_told_where_it_is_asked_for() {
    let here = |line: u32| format!("{}:{line}", file!());
    assert_eq!(place(|| PersonFactory::new().build()), here(line!()));
    assert_eq!(place(|| PersonFactory::new().build_batch(2)), here(line!()));
    assert_eq!(place(|| VisitFactory::new().build()), here(line!()));
    assert_eq!(place(|| tdata::factory::build(&VisitFactory::new())), here(line!()));
}

#[requires_test_data(datasets = ["people"], volume = { people = 1 })]
#[test]
fn creating_returns_what_nothing_makes(data: TestData) {
    let error = VisitFactory::new().create(&mut data.client()).unwrap_err().to_string();
    assert!(error.ends_with("as `.person_with(|person| person.status(..))`"), "{error}");
    let error = PersonFactory::new().create_batch(500, &mut data.client()).unwrap_err().to_string();
    assert!(error.ends_with("give it, as `.status(..)`"), "{error}");
    assert_eq!(text(&data, "SELECT count(*)::text FROM people"), "1");
}
