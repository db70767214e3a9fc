//! What is told of provisions that ledgers have: in one database, or divided among several.

use tdata_jobs::{Entry, EntryDataset, ShardNumber, State, Tree};

use crate::progress::grouped;

/// Tells of the provisions of one database.
pub(crate) fn text(found: &[Entry]) -> String {
    let mut text = String::new();
    for entry in found {
        text.push_str(&format!("{}  {}  {}\n", entry.id, entry.state.word(), entry.started_at));
        if let Some(ShardNumber { number, of }) = entry.shard {
            text.push_str(&format!("  shard {number} of {of}\n"));
        }
        let databases = entry.database.iter().map(|name| ("database", name));
        for (kind, name) in databases.chain(entry.schemas.iter().map(|name| ("schema", name))) {
            text.push_str(&format!("  {kind} {name}, made\n"));
        }
        for dataset in &entry.datasets {
            let made = if dataset.is_made { ", made" } else { "" };
            let (name, rows, table) = (&dataset.name, grouped(dataset.rows), &dataset.table);
            let rows = match entry.state {
                State::Loading => format!("{} of {rows}", grouped(dataset.loaded)),
                _ => rows,
            };
            text.push_str(&format!("  {name}: {rows} rows in {table}{made}\n"));
        }
        if entry.state == State::Loading {
            text.push_str("  its tables get their names when they are whole\n");
        }
    }
    text
}

/// Tells of a provision of one database.
pub(crate) fn tree(entry: &Entry) -> Tree {
    let dataset = |dataset: &EntryDataset| {
        Tree::map([
            ("dataset", dataset.name.as_str().into()),
            ("table", dataset.table.as_str().into()),
            ("rows", dataset.rows.into()),
            ("loaded", dataset.loaded.into()),
            ("made", dataset.is_made.into()),
        ])
    };
    let or_null = |text: &Option<String>| text.as_deref().map_or_else(null, Tree::from);
    Tree::map([
        ("id", entry.id.as_str().into()),
        ("state", entry.state.word().into()),
        ("started_at", entry.started_at.as_str().into()),
        ("finished_at", or_null(&entry.finished_at)),
        ("fingerprint", entry.fingerprint.as_str().into()),
        ("tdata_version", entry.version.as_str().into()),
        ("database", or_null(&entry.database)),
        ("schemas", entry.schemas.iter().map(String::as_str).collect()),
        ("shard", entry.shard.map_or_else(null, shard_tree)),
        ("datasets", entry.datasets.iter().map(dataset).collect()),
    ])
}

fn null() -> Tree {
    Tree::Bare("null".to_owned())
}

fn shard_tree(ShardNumber { number, of }: ShardNumber) -> Tree {
    Tree::map([("number", u64::from(number).into()), ("of", u64::from(of).into())])
}

/// A provision that is divided among several databases.
#[derive(Debug)]
pub(crate) struct Divided {
    pub(crate) id: String,
    /// What each database that has some of it says of it, with the database's name.
    parts: Vec<(String, Entry)>,
}

impl Divided {
    /// Joins what the ledgers of several databases have, each with the name of its database; the oldest comes first.
    pub(crate) fn all(ledgers: impl Iterator<Item = (String, Vec<Entry>)>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (name, entries) in ledgers {
            for entry in entries {
                let part = (name.clone(), entry);
                match all.iter_mut().find(|one| one.id == part.1.id) {
                    Some(one) => one.parts.push(part),
                    None => all.push(Self { id: part.1.id.clone(), parts: vec![part] }),
                }
            }
        }
        all.sort_by(|one, other| one.started_at().cmp(other.started_at()));
        all
    }

    /// Returns when it was begun: all shards are at about the same time.
    fn started_at(&self) -> &str {
        self.parts.iter().map(|(_, entry)| entry.started_at.as_str()).min().unwrap_or_default()
    }

    /// Returns how far it has come: as far as the database that is furthest behind. Without some of its shards it is never complete.
    fn state(&self) -> &'static str {
        let worst = |entry: &Entry| match entry.state {
            State::Loading => 0,
            State::Unchecked => 1,
            State::Invalid => 2,
            State::Complete => 3,
        };
        if !self.missing().is_empty() {
            return "incomplete";
        }
        let entries = self.parts.iter().map(|(_, entry)| entry);
        entries.min_by_key(|entry| worst(entry)).map_or("", |entry| entry.state.word())
    }

    /// Returns the numbers of the shards that are not among these databases, or have nothing of it any more.
    fn missing(&self) -> Vec<u32> {
        let numbers: Vec<ShardNumber> =
            self.parts.iter().filter_map(|(_, entry)| entry.shard).collect();
        let all = numbers.first().map_or(0, |shard| shard.of);
        let is_there = |number: &u32| numbers.iter().any(|shard| shard.number == *number);
        (1..=all).filter(|number| !is_there(number)).collect()
    }

    /// Tells it to people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}  {}  {}\n", self.id, self.state(), self.started_at());
        for (name, entry) in &self.parts {
            let rows = entry.datasets.iter().map(|dataset| {
                let made = if dataset.is_made { ", made" } else { "" };
                let (name, rows, table) = (&dataset.name, grouped(dataset.rows), &dataset.table);
                format!("    {name}: {rows} rows in {table}{made}\n")
            });
            text.push_str(&format!("  {name}: {}\n", entry.state.word()));
            text.extend(rows);
        }
        for number in self.missing() {
            let missing = "is not among these databases, or has nothing of it";
            text.push_str(&format!("  its shard {number} {missing}\n"));
        }
        text
    }

    /// Tells it to programs.
    pub(crate) fn tree(&self) -> Tree {
        let part = |(name, entry): &(String, Entry)| {
            let mut tree = tree(entry);
            tree.push("on", name.as_str());
            tree
        };
        Tree::map([
            ("id", self.id.as_str().into()),
            ("state", self.state().into()),
            ("started_at", self.started_at().into()),
            ("shards", self.parts.iter().map(part).collect()),
            ("missing", self.missing().into_iter().map(u64::from).collect()),
        ])
    }
}
