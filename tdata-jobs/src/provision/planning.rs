//! Plans upon what a database has.

use std::collections::HashSet;

use postgres::{Client, GenericClient};
use tdata_core::diagnostic::Diagnostic;
use tdata_core::plan::{Catalog, CatalogRows, CatalogTable, Plan, plan};
use tdata_core::spec::DataSource;
use tdata_core::sql::TableName;
use tdata_postgres::catalog;

use super::cleanup::clean_within;
use super::entry::Entry;
use super::held::begin;
use super::hidden::is_hidden;
use super::job::{Place, Provision};
use crate::error::JobError;

/// Reads what a database has. `schema` is the one that is to be made for all tables; `made` are those that were made so for others,
/// which are no place for tables to be found in.
fn read_catalog(
    client: &mut impl GenericClient,
    job: &Provision<'_>,
    schema: Option<&str>,
    made: &[String],
) -> Result<Catalog, JobError> {
    let mut found = catalog::read(client).map_err(JobError::database)?;
    if let Some(schema) = schema {
        // Nothing is in it yet; types are taken from where they are.
        return Ok(Catalog {
            types: found.types,
            search_path: vec![schema.to_owned()],
            ignore_schemas: true,
            ..Catalog::default()
        });
    }
    let is_own = |schema: &String| is_hidden(schema) || made.contains(schema);
    let is_hidden = |name: &TableName| name.schema.as_ref().is_some_and(is_own);
    found.tables.retain(|table| !is_hidden(&table.name));
    found.others.retain(|other| !is_hidden(&other.name));
    let wanted = wanted(job, &found);
    catalog::read_rows_of(client, &mut found, |table| wanted.contains(&table.name))
        .map_err(JobError::database)?;
    Ok(found)
}

/// Returns the tables whose rows count: those of the contract, and those that their foreign keys lead to.
fn wanted(job: &Provision<'_>, catalog: &Catalog) -> HashSet<TableName> {
    let datasets = job.contract.datasets.iter().map(String::as_str);
    let specs = job.library.gather(datasets).specs;
    let mut left: Vec<&CatalogTable> =
        specs.iter().filter_map(|spec| catalog.table(&spec.table)).collect();
    let mut wanted = HashSet::new();
    while let Some(table) = left.pop() {
        if wanted.insert(table.name.clone()) {
            let parents = table.foreign_keys.iter().map(|key| &key.references);
            left.extend(parents.filter_map(|parent| catalog.table(parent)));
        }
    }
    wanted
}

/// What was planned upon a database.
pub(super) struct Planned {
    pub(super) plan: Plan,
    /// What the database has.
    pub(super) catalog: Catalog,
    /// The rows that are to be removed.
    pub(super) replaced: Vec<CatalogRows>,
}

/// Plans upon what a database has without some provisions, which are to be taken away first. They stay: whether a plan can be made is
/// known before anything goes.
pub(super) fn plan_without(
    client: &mut Client,
    job: &Provision<'_>,
    schema: Option<&str>,
    made: &[String],
    away: &[&Entry],
) -> Result<Planned, JobError> {
    let mut transaction = begin(client)?;
    for entry in away {
        clean_within(&mut transaction, entry, job.ground.triggers)?;
    }
    let mut catalog = read_catalog(&mut transaction, job, schema, made)?;
    transaction.rollback().map_err(JobError::database)?;
    let (plan, replaced) = planned(job, &mut catalog, schema)?;
    Ok(Planned { plan, catalog, replaced })
}

/// Plans upon the tables that there are. Returns the rows in them that are to be removed.
pub(super) fn planned(
    job: &Provision<'_>,
    catalog: &mut Catalog,
    schema: Option<&str>,
) -> Result<(Plan, Vec<CatalogRows>), JobError> {
    let in_the_way = in_the_way(job, catalog);
    if job.replace {
        catalog.rows.retain(|rows| !in_the_way.iter().any(|one| one.table == rows.table));
    }
    let planned = plan(job.contract, job.library, job.mask_key, catalog);
    let planned = planned.map_err(|mut mistakes| {
        if !job.replace && !in_the_way.is_empty() {
            let message = "rows that are there are never overwritten";
            let help = "`--replace` removes the rows of these tables first";
            mistakes.push(Diagnostic::new("provision::rows", message).help(help));
        }
        mistakes
    })?;
    let planned = match schema.filter(|_| job.place == Place::Schema) {
        Some(schema) => planned.in_schema(schema),
        None => planned,
    };
    Ok((planned, if job.replace { in_the_way } else { Vec::new() }))
}

/// Returns the rows that are where a dataset is to have its own.
fn in_the_way(job: &Provision<'_>, catalog: &Catalog) -> Vec<CatalogRows> {
    let datasets = job.contract.datasets.iter().map(String::as_str);
    let specs = job.library.gather(datasets).specs;
    let takes_them =
        |source: DataSource| matches!(source, DataSource::Existing | DataSource::Hybrid);
    let filled = specs.iter().filter(|spec| !takes_them(spec.data_source));
    let tables = filled.filter_map(|spec| catalog.table(&spec.table));
    tables.filter_map(|table| catalog.rows_of(table)).cloned().collect()
}
