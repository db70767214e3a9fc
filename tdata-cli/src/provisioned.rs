//! What is told of a provision.

use std::time::Duration;

use tdata_core::placement::Placed;
use tdata_core::plan::{DatasetPlan, Plan};
use tdata_jobs::{Provisioned, Tree, added_rows, estimated_bytes};

use crate::console::{Console, print, print_to_reader};
use crate::exit::Failed;
use crate::output::Output;
use crate::progress::grouped;
use crate::record::Record;

/// What is told of a provision.
pub(crate) struct Told<'a> {
    provisioned: Provisioned,
    seconds: f64,
    /// The database of the command's own that the data are in.
    own: Option<&'a Record>,
}

impl<'a> Told<'a> {
    /// Tells of data in the database of a URL.
    pub(crate) fn of(provisioned: Provisioned, time: Duration) -> Self {
        Self { provisioned, seconds: time.as_secs_f64(), own: None }
    }

    /// Tells of a plan, of which nothing is written.
    pub(crate) fn planned(plan: Plan) -> Self {
        Self::of(Provisioned::planned(plan), Duration::ZERO)
    }

    /// Tells of data in a database of the command's own.
    pub(crate) fn own(plan: Plan, record: &'a Record, time: Duration) -> Self {
        let mut provisioned = Provisioned::planned(plan);
        provisioned.id = Some(record.id.clone());
        Self { provisioned, seconds: time.as_secs_f64(), own: Some(record) }
    }

    /// Tells it.
    pub(crate) fn tell(&self, format: Output, console: &Console) -> Result<(), Failed> {
        match format {
            Output::Json => {
                let is_read = print_to_reader(self.tree().to_json().as_bytes())?;
                if !is_read && let Some(id) = &self.provisioned.id {
                    console.result("ID", id);
                }
                Ok(())
            }
            Output::Text => self.text(console),
        }
    }

    fn text(&self, console: &Console) -> Result<(), Failed> {
        let Provisioned { id, taken_away, is_resumed, replaced, .. } = &self.provisioned;
        let is_dry = id.is_none();
        if let Some(earlier) = taken_away {
            let verb = if is_dry { "would be" } else { "was" };
            console.note(&format!(
                "the provision {earlier} of the same contract was cut short, and {verb} taken away first"
            ));
        }
        if *is_resumed {
            let loads = if is_dry { "would load" } else { "loaded" };
            console.note(&format!("an earlier run was cut short; this one {loads} the rest"));
        }
        for table in replaced {
            let verb = if is_dry { "would be" } else { "were" };
            console.note(&format!("rows that were in {table} {verb} removed"));
        }
        for warning in &self.provisioned.warnings {
            console.note(warning);
        }
        // It is what finds all of it again, whatever becomes of the rest.
        if let Some(id) = id {
            console.result("ID", id);
        }
        match self.own {
            // What is printed is the URL alone, for programs that connect to it.
            Some(_) => console.text(table(&self.provisioned).trim_end()),
            None => print(table(&self.provisioned).as_bytes())?,
        }
        let rows = self.rows();
        if is_dry {
            let bytes = self.bytes();
            let (rows, size) = (grouped(rows), size(bytes));
            console.done("Planned", &format!("{rows} rows, about {size}; nothing was written"));
            return Ok(());
        }
        let rate = grouped((rows as f64 / self.seconds.max(1e-3)) as u64);
        let (rows, seconds) = (grouped(rows), self.seconds);
        match self.own {
            None => {
                console.done("Provisioned", &format!("{rows} rows, {seconds:.2} s, {rate} rows/s"));
            }
            Some(record) => {
                let minutes = record.seconds_left().div_ceil(60);
                let message = format!("{rows} rows, {seconds:.2} s, for {minutes} minutes");
                console.done("Provisioned", &message);
            }
        }
        if let Some(schema) = &self.provisioned.schema {
            console.done("Schema", schema);
        }
        for shard in &self.provisioned.shards {
            let rows = grouped(shard.rows.iter().sum());
            console.done("Loaded", &format!("{}: {rows} rows", shard.name));
        }
        if let Some(database) = &self.provisioned.database {
            console.done("Database", database);
        }
        if let Some(record) = self.own {
            print(format!("{}\n", record.url).as_bytes())?;
        }
        Ok(())
    }

    /// Returns how many rows are added, in all databases together.
    fn rows(&self) -> u64 {
        let Provisioned { plan, shards, .. } = &self.provisioned;
        match &shards[..] {
            [] => plan.datasets.iter().map(added_rows).sum(),
            shards => shards.iter().flat_map(|shard| &shard.rows).sum(),
        }
    }

    /// Estimates how many bytes these rows take.
    fn bytes(&self) -> u64 {
        let Provisioned { plan, shards, placed, .. } = &self.provisioned;
        let datasets = plan.datasets.iter().enumerate().map(|(place, dataset)| {
            let times = match placed.get(place) {
                Some(Placed::OnEvery) => shards.len() as u64,
                _ => 1,
            };
            estimated_bytes(dataset).saturating_mul(times)
        });
        datasets.sum()
    }

    fn shards_tree(&self) -> Tree {
        let Provisioned { plan, shards, .. } = &self.provisioned;
        let shards = shards.iter().map(|shard| {
            let counts = plan.datasets.iter().zip(&shard.rows);
            let counts = counts.map(|(dataset, rows)| (dataset.name.clone(), (*rows).into()));
            Tree::map([
                ("database", shard.name.as_str().into()),
                ("record_counts", Tree::Map(counts.collect())),
            ])
        });
        shards.collect()
    }

    fn tree(&self) -> Tree {
        let Provisioned { id, plan, stages, .. } = &self.provisioned;
        let status = if id.is_some() { "success" } else { "planned" };
        let mut tree = Tree::map([
            ("id", id.as_deref().map_or_else(null, Tree::from)),
            ("status", status.into()),
        ]);
        if let Some(record) = self.own {
            tree.push("url", record.url.as_str());
            tree.push("expires_in", record.seconds_left());
        }
        for (key, made) in
            [("schema", &self.provisioned.schema), ("database", &self.provisioned.database)]
        {
            if let Some(made) = made {
                tree.push(key, made.as_str());
            }
        }
        let counts = plan.datasets.iter();
        let counts = counts.map(|dataset| (dataset.name.clone(), added_rows(dataset).into()));
        tree.push("record_counts", Tree::Map(counts.collect()));
        let mut datasets: Vec<Tree> = plan.datasets.iter().map(dataset_tree).collect();
        for (dataset, placed) in datasets.iter_mut().zip(&self.provisioned.placed) {
            dataset.push("placed", written(placed).as_str());
        }
        tree.push("datasets", Tree::List(datasets));
        if !self.provisioned.shards.is_empty() {
            tree.push("shards", self.shards_tree());
        }
        tree.push("replaced", texts(&self.provisioned.replaced));
        let taken_away = self.provisioned.taken_away.as_deref();
        tree.push("taken_away", taken_away.map_or_else(null, Tree::from));
        tree.push("resumed", self.provisioned.is_resumed);
        tree.push("streams", self.provisioned.streams as u64);
        tree.push("warnings", texts(&self.provisioned.warnings));
        let stages =
            stages.iter().map(|(stage, time)| ((*stage).to_owned(), number(time.as_secs_f64())));
        tree.push("stages", Tree::Map(stages.collect()));
        tree.push("seconds", number(self.seconds));
        tree
    }
}

/// Says how the rows of a dataset are divided.
fn written(placed: &Placed) -> String {
    match placed {
        Placed::ByKey(fields) => format!("by {}", fields.join(", ")),
        Placed::WithParent { fields, dataset } => {
            format!("with {dataset} by {}", fields.join(", "))
        }
        Placed::OnEvery => "on every shard".to_owned(),
    }
}

fn null() -> Tree {
    Tree::Bare("null".to_owned())
}

fn number(seconds: f64) -> Tree {
    Tree::Bare(format!("{seconds:.3}"))
}

fn texts(texts: &[String]) -> Tree {
    texts.iter().map(String::as_str).collect()
}

fn dataset_tree(dataset: &DatasetPlan) -> Tree {
    Tree::map([
        ("dataset", dataset.name.as_str().into()),
        ("table", dataset.table.written().as_str().into()),
        ("rows", added_rows(dataset).into()),
        ("made", (!dataset.table_exists).into()),
        ("estimated_bytes", estimated_bytes(dataset).into()),
    ])
}

/// Writes a line for each dataset, under a head; with several databases, a column for each.
fn table(Provisioned { plan, shards, placed, .. }: &Provisioned) -> String {
    let mut head = vec!["dataset".to_owned(), "rows".to_owned()];
    head.extend((1..=shards.len()).map(|number| format!("shard {number}")));
    let placed_at = head.len();
    head.extend((!placed.is_empty()).then(|| "placed".to_owned()));
    head.push("table".to_owned());
    let mut lines = vec![head];
    for (place, dataset) in plan.datasets.iter().enumerate() {
        let mut line = vec![dataset.name.clone(), grouped(added_rows(dataset))];
        line.extend(shards.iter().filter_map(|shard| shard.rows.get(place).copied()).map(grouped));
        line.extend(placed.get(place).map(written));
        let table = dataset.table.written();
        line.push(match (dataset.is_there(), dataset.table_exists) {
            (true, _) => format!("{table}, as it is"),
            (false, true) => table,
            (false, false) => format!("{table}, made"),
        });
        lines.push(line);
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let written = lines.iter().map(|line| {
        let cells = line.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            // Numbers end below each other.
            1.. if at < placed_at => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    });
    written.collect()
}

/// Writes a size as people read it.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut size = bytes as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while size >= 1000.0
        && let Some(next) = units.next()
    {
        (size, unit) = (size / 1000.0, Some(next));
    }
    format!("{size:.1} {}", unit.copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        for (bytes, text) in [
            (0, "0.0 kB"),
            (1_500, "1.5 kB"),
            (2_340_000, "2.3 MB"),
            (7_000_000_000_000_000, "7000.0 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
