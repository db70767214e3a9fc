//! The plan itself.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::catalog::own_rows;
use crate::contract::Contract;
use crate::generate::Cells;
use crate::rows::RowSource;
use crate::spec::{Constraint, DataSource, DatasetSpec, OnDelete};
use crate::sql::{SqlType, TableName};
use crate::value::{Block, CopyBinary, Value};

/// A contract resolved against definitions and catalog: order, capacities, every parameter known.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The contract.
    pub contract: Contract,
    /// The datasets, parents before the children that reference them.
    pub datasets: Vec<DatasetPlan>,
}

/// One dataset of a plan.
#[derive(Clone, Debug)]
pub struct DatasetPlan {
    /// The dataset's name.
    pub name: String,
    /// The table its rows go into.
    pub table: TableName,
    /// Whether the table exists already, made by migrations.
    pub table_exists: bool,
    /// Whether other tables inherit from it, whose rows queries see as well.
    pub has_children: bool,
    /// The first of its rows, which migrations put there: nobody loads, changes or takes away these.
    pub existing: ExistingRows,
    /// How many rows, those that are there already included.
    pub rows: u64,
    /// Where they come from.
    pub source: RowSource,
    /// The columns.
    pub fields: Vec<FieldPlan>,
    /// The fields of the primary key of a table made from the definition; empty where it has none.
    pub primary_key: Vec<String>,
    /// The groups of fields that get a unique constraint in a table made from the definition.
    pub unique: Vec<Vec<String>>,
    /// The foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// What must hold for each row.
    pub constraints: Vec<Constraint>,
    /// The spec, for messages.
    pub spec: Arc<DatasetSpec>,
}

/// The rows of a dataset that are in its table before any data are loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingRows {
    /// How many there are.
    pub rows: u64,
    /// The columns of the table's primary key, where these rows are all that the dataset has.
    pub key: Vec<String>,
}

/// One field of a dataset of a plan.
#[derive(Clone)]
pub struct FieldPlan {
    /// The column's name.
    pub name: String,
    /// The column's type.
    pub sql_type: SqlType,
    /// Whether some values are null.
    pub nullable: bool,
    /// Whether no two rows have the same value.
    pub unique: bool,
    /// Whether inserts that do not name the column go on counting where its values end.
    pub sequence: Option<Sequence>,
    /// The technique its values are masked with.
    pub mask: Option<&'static str>,
    /// The generator that makes its values.
    pub generator: &'static str,
    /// The values that the generator makes, also where the dataset's rows come from elsewhere.
    pub cells: Arc<dyn Cells>,
}

/// How the values of a counting field go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The value of the first row.
    pub start: i64,
    /// The difference between one row's value and the next one's.
    pub step: i64,
}

/// A foreign key of a dataset of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The fields: one, or several.
    pub fields: Vec<String>,
    /// The dataset it references.
    pub dataset: String,
    /// The fields it references: as many, in the same order.
    pub referenced_fields: Vec<String>,
    /// What happens to a row when the row it references goes.
    pub on_delete: OnDelete,
    /// Whether it is part of a cycle, so that its check must wait until all rows are loaded.
    pub in_cycle: bool,
}

impl Plan {
    /// Finds a dataset.
    pub fn dataset(&self, name: &str) -> Option<&DatasetPlan> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// Returns the plan with every table moved into one schema.
    #[must_use]
    pub fn in_schema(&self, schema: &str) -> Self {
        let mut plan = self.clone();
        for dataset in &mut plan.datasets {
            dataset.table.schema = Some(schema.to_owned());
        }
        plan
    }
}

impl DatasetPlan {
    /// Returns the table as a query names it that is to see the dataset's own rows.
    pub fn own_rows(&self) -> String {
        own_rows(&self.table, self.has_children)
    }

    /// Tells whether all of its rows are in its table before any data are loaded, as those of an `existing` dataset are.
    pub fn is_there(&self) -> bool {
        self.spec.data_source == DataSource::Existing
    }

    /// Finds a field.
    pub fn field(&self, name: &str) -> Option<&FieldPlan> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Writes a row's values, in the order of the fields; `row` counts from 0.
    ///
    /// `values` is filled up to the number of fields; what it held is overwritten.
    pub fn write_row(&self, row: u64, values: &mut Vec<Value>) {
        self.source.write_row(row, values);
    }

    /// Returns what writes the rows in COPY's binary format; `None` where they have to be sent as text.
    ///
    /// ```
    /// # use tdata_core::contract::Contract;
    /// # use tdata_core::definition::Library;
    /// # use tdata_core::diagnostic::Source;
    /// # use tdata_core::mask::MaskKey;
    /// # use tdata_core::plan::{Catalog, plan};
    /// use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER};
    ///
    /// # let text = "
    /// # apiVersion: data.automation/v1
    /// # kind: DataDefinition
    /// # metadata: { name: tags }
    /// # spec:
    /// #   table: tags
    /// #   fields:
    /// #     - { name: id, type: integer, generator: sequence, start: 10 }
    /// # ";
    /// # let mut library = Library::default();
    /// # library.insert(Source::new("tags.yaml", text), "tags", None);
    /// # let contract = Contract::new(["tags"], "2024-05-01".parse().unwrap());
    /// # let plan = plan(&contract, &library, &MaskKey::development(), &Catalog::default()).unwrap();
    /// let tags = plan.dataset("tags").unwrap(); // one column: 10, 11, 12 and so on
    /// let binary = tags.copy_binary().unwrap();
    /// let (mut blocks, mut out) = (Vec::new(), BINARY_HEADER.to_vec());
    /// tags.fill(5..6, &mut blocks);
    /// binary.append(&blocks, &mut out).unwrap();
    /// out.extend_from_slice(BINARY_TRAILER);
    /// assert_eq!(out[BINARY_HEADER.len()..], [0, 1, 0, 0, 0, 4, 0, 0, 0, 15, 255, 255]);
    /// ```
    pub fn copy_binary(&self) -> Option<CopyBinary> {
        let all = self.fields.iter().all(|field| field.cells.is_of_its_kind());
        let columns = self.fields.iter().map(|field| (field.cells.kind(), &field.sql_type));
        CopyBinary::new(columns).filter(|_| all)
    }

    /// Fills a block for each field, in their order, with the values of some rows.
    pub fn fill(&self, rows: Range<u64>, blocks: &mut Vec<Block>) {
        self.source.fill(rows, blocks);
    }
}

impl FieldPlan {
    /// Returns how many rows, from 0 on, have values that fit the column and do not repeat where
    /// they must not. Rows beyond those of the plan may be asked for up to there.
    pub fn reach(&self) -> u64 {
        let fits = |rows: u64| {
            let short = self.sql_type.length_limit();
            let short = short.is_none_or(|limit| self.cells.max_length(rows) <= limit);
            let bounds = self.sql_type.integer_range().zip(self.cells.integer_range(rows));
            short && bounds.is_none_or(|((low, high), (least, most))| low <= least && most <= high)
        };
        let most = self.cells.rows();
        if fits(most) {
            return most;
        }
        // Values only get longer and further from 0 with more rows.
        let (mut fit, mut too_many) = (0, most);
        while too_many - fit > 1 {
            let middle = fit + (too_many - fit) / 2;
            if fits(middle) { fit = middle } else { too_many = middle }
        }
        fit
    }
}

impl fmt::Debug for FieldPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldPlan")
            .field("name", &self.name)
            .field("sql_type", &self.sql_type)
            .field("unique", &self.unique)
            .field("mask", &self.mask)
            .finish_non_exhaustive()
    }
}
