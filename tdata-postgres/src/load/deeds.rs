//! What triggers do to tables while the rows of others load: the database counts the rows that are added to each.

use postgres::Transaction;
use postgres::types::Type;
use tdata_core::plan::{DatasetPlan, Plan};

use super::cause::{Causes, REMEDY, sentence};
use super::error::LoadError;
use crate::refusal::Refusal;

/// Counts what this transaction has added to each table, its partitions included.
const ADDED: &str = "\
SELECT coalesce((SELECT sum(pg_stat_get_xact_tuples_inserted(part.oid))
  FROM (SELECT to_regclass(name)::oid AS oid UNION SELECT relid::oid FROM pg_partition_tree(to_regclass(name))) AS part),
  0)::int8
FROM unnest($1::text[]) WITH ORDINALITY AS t(name, at) ORDER BY at";

/// What triggers did to tables while the rows of others were loaded.
pub(super) struct Deeds<'a> {
    plan: &'a Plan,
    tables: Vec<String>,
    /// What was added to each table so far.
    added: Vec<i64>,
    /// How many rows each dataset is to have.
    planned: Vec<u64>,
    /// Whose rows' triggers added rows to which dataset, by place.
    filled: Vec<(usize, usize)>,
}

impl<'a> Deeds<'a> {
    /// Begins to look.
    pub(super) fn begin(
        transaction: &mut Transaction<'_>,
        plan: &'a Plan,
    ) -> Result<Self, postgres::Error> {
        let tables: Vec<String> =
            plan.datasets.iter().map(|dataset| dataset.table.to_string()).collect();
        let added = added(transaction, &tables)?;
        let planned = plan.datasets.iter().map(|dataset| dataset.rows).collect();
        Ok(Self { plan, tables, added, planned, filled: Vec::new() })
    }

    /// Looks what else happened while so many rows of a dataset, by place, were loaded.
    pub(super) fn look(
        &mut self,
        transaction: &mut Transaction<'_>,
        loaded: usize,
        rows: u64,
    ) -> Result<(), postgres::Error> {
        self.planned[loaded] = self.plan.datasets[loaded].existing.rows + rows;
        let now = added(transaction, &self.tables)?;
        for (place, (before, now)) in self.added.iter().zip(&now).enumerate() {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            let own = if place == loaded { rows } else { 0 };
            if now - before != own {
                self.filled.push((loaded, place));
            }
        }
        self.added = now;
        Ok(())
    }

    /// Explains why the rows of a dataset, by place, are refused: others may be there already.
    pub(super) fn explain(&self, refusal: Refusal, causes: &Causes<'_>, refused: usize) -> Refusal {
        /// PostgreSQL's codes for keys, and for exclusions.
        const COLLISIONS: [&str; 2] = ["23505", "23P01"];
        if !COLLISIONS.iter().any(|code| refusal.is(code)) {
            return refusal;
        }
        match self.by(causes, refused) {
            Some(by) => refusal.with_advice(&format!("Rows are there already. {by}")),
            None => refusal,
        }
    }

    /// Proves that each dataset that triggers added rows to has as many as it is to have.
    pub(super) fn prove(
        &self,
        transaction: &mut Transaction<'_>,
        causes: &Causes<'_>,
        loaded: std::ops::Range<usize>,
    ) -> Result<(), LoadError> {
        for (place, dataset) in self.plan.datasets.iter().enumerate() {
            let is_filled = self.filled.iter().any(|(_, filled)| *filled == place);
            if place >= loaded.end || !is_filled {
                continue;
            }
            let sql = format!("SELECT count(*) FROM {}", dataset.own_rows());
            let counted = transaction.query_one(&sql, &[]);
            let counted = counted.map_err(|error| LoadError::Transaction(error.into()))?;
            let found = counted.get::<_, i64>(0).unsigned_abs();
            let planned = self.planned[place];
            if found != planned
                && let Some(by) = self.by(causes, place)
            {
                let dataset = dataset.name.clone();
                return Err(LoadError::Filled { dataset, planned, found, by });
            }
        }
        Ok(())
    }

    /// Names the triggers that added rows to a dataset, or left some out, and what to do about it.
    fn by(&self, causes: &Causes<'_>, filled: usize) -> Option<String> {
        let deeds = self.filled.iter().filter(|(_, place)| *place == filled);
        let told = deeds.filter_map(|(loaded, _)| {
            let triggers = causes.of_inserts(*loaded);
            let dataset: &DatasetPlan = &self.plan.datasets[*loaded];
            let which = if triggers.len() == 1 { "" } else { "one of these: " };
            let which = sentence(&format!("{which}{}", triggers.join(", or ")));
            (!triggers.is_empty()).then(|| {
                format!("{which} did this while the rows of `{}` were loaded", dataset.name)
            })
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| format!("{}.\n{}", told.join(". "), sentence(REMEDY)))
    }
}

fn added(
    transaction: &mut Transaction<'_>,
    tables: &[String],
) -> Result<Vec<i64>, postgres::Error> {
    let rows = transaction.query_typed(ADDED, &[(&tables, Type::TEXT_ARRAY)])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
