//! The SQL that makes a dataset's table from its definition.

use super::resolved::{DatasetPlan, FieldPlan, Plan};
use crate::sql::{SqlType, quote_identifier};

/// A primary key, or a group of columns of which no two rows have the same values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableKey {
    /// The name of its constraint and of its index, as PostgreSQL itself chooses it in an empty schema.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether it is the primary key.
    pub is_primary: bool,
}

impl DatasetPlan {
    /// Returns the statement that makes the table: columns, primary key and unique constraints.
    pub fn create_table(&self) -> String {
        let mut columns: Vec<String> =
            self.fields.iter().map(|field| self.column(field, true)).collect();
        if self.primary_key.len() > 1 {
            columns.push(format!("PRIMARY KEY ({})", quoted_list(&self.primary_key)));
        }
        columns.extend(self.unique.iter().map(|group| format!("UNIQUE ({})", quoted_list(group))));
        format!("CREATE TABLE {} (\n  {}\n)", self.table, columns.join(",\n  "))
    }

    /// Returns the statement that makes the table with its columns alone. Many rows are best loaded into such a one, and its
    /// [`keys`](Self::table_keys) added behind them.
    ///
    /// ```
    /// # use tdata_core::contract::Contract;
    /// # use tdata_core::definition::Library;
    /// # use tdata_core::diagnostic::Source;
    /// # use tdata_core::mask::MaskKey;
    /// # use tdata_core::plan::{Catalog, plan};
    /// # let text = "
    /// # apiVersion: data.automation/v1
    /// # kind: DataDefinition
    /// # metadata: { name: tags }
    /// # spec:
    /// #   table: tags
    /// #   fields:
    /// #     - { name: id, type: uuid, generator: uuid }
    /// #     - { name: label, type: text, generator: pattern, pattern: 'n{{index}}', unique: true }
    /// # ";
    /// # let mut library = Library::default();
    /// # library.insert(Source::new("tags.yaml", text), "tags", None);
    /// # let contract = Contract::new(["tags"], "2024-05-01".parse().unwrap());
    /// # let plan = plan(&contract, &library, &MaskKey::development(), &Catalog::default()).unwrap();
    /// let tags = plan.dataset("tags").unwrap();
    /// assert!(tags.create_table().contains(r#""id" uuid PRIMARY KEY"#));
    /// assert!(tags.create_bare_table().contains(r#""id" uuid NOT NULL"#));
    /// assert_eq!(
    ///     tags.add_keys().unwrap(),
    ///     r#"ALTER TABLE "tags" ADD PRIMARY KEY ("id"), ADD UNIQUE ("label")"#
    /// );
    /// ```
    pub fn create_bare_table(&self) -> String {
        let columns: Vec<String> =
            self.fields.iter().map(|field| self.column(field, false)).collect();
        format!("CREATE TABLE {} (\n  {}\n)", self.table, columns.join(",\n  "))
    }

    /// Returns the keys of a table made from the definition, in the order in which [`create_table`](Self::create_table) has them.
    pub fn table_keys(&self) -> Vec<TableKey> {
        let table = &self.table.name;
        let is_alone = |field: &FieldPlan| self.primary_key == [field.name.as_str()];
        let mut keys = Vec::new();
        if !self.primary_key.is_empty() {
            let (columns, name) = (self.primary_key.clone(), object_name(table, "", "pkey"));
            keys.push(TableKey { name, columns, is_primary: true });
        }
        let alone = self.fields.iter().filter(|field| field.unique && !is_alone(field));
        let groups = alone.map(|field| vec![field.name.clone()]);
        for columns in groups.chain(self.unique.iter().cloned()) {
            let name = object_name(table, &columns.join("_"), "key");
            keys.push(TableKey { name, columns, is_primary: false });
        }
        keys
    }

    /// Returns the statement that adds all keys to a [bare table](Self::create_bare_table); `None` where there are none.
    pub fn add_keys(&self) -> Option<String> {
        let keys = self.table_keys();
        let added = keys.iter().map(|key| {
            let kind = if key.is_primary { "PRIMARY KEY" } else { "UNIQUE" };
            format!("ADD {kind} ({})", quoted_list(&key.columns))
        });
        let added: Vec<String> = added.collect();
        (!added.is_empty()).then(|| format!("ALTER TABLE {} {}", self.table, added.join(", ")))
    }

    /// Writes a column, with the keys that are its alone or without.
    fn column(&self, field: &FieldPlan, with_keys: bool) -> String {
        let mut column = format!("{} {}", quote_identifier(&field.name), field.sql_type);
        // Identity columns are of these types themselves, not of a domain over one, and hold no nulls.
        let counts = !field.nullable
            && matches!(field.sql_type, SqlType::Scalar(scalar) if scalar.is_integer());
        if let Some(sequence) = field.sequence.filter(|_| counts) {
            column.push_str(&identity(sequence.start, sequence.step));
        }
        let is_primary = self.primary_key == [field.name.as_str()];
        if is_primary && with_keys {
            column.push_str(" PRIMARY KEY");
        } else {
            let is_of_key = !with_keys && self.primary_key.contains(&field.name);
            if !field.nullable || is_of_key {
                column.push_str(" NOT NULL");
            }
            if field.unique && with_keys {
                column.push_str(" UNIQUE");
            }
        }
        column
    }

    /// Returns the statements that add the foreign keys, one per key; they are best run once the
    /// rows are loaded.
    pub fn add_foreign_keys(&self, plan: &Plan) -> Vec<String> {
        self.foreign_keys
            .iter()
            .filter_map(|key| {
                let parent = plan.dataset(&key.dataset)?;
                Some(format!(
                    "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {}{}",
                    self.table,
                    quoted_list(&key.fields),
                    parent.table,
                    quoted_list(&key.referenced_fields),
                    key.on_delete,
                    // Rows of a cycle can only be inserted where one check waits for the other row.
                    if key.in_cycle { " DEFERRABLE" } else { "" },
                ))
            })
            .collect()
    }
}

/// Returns the name that PostgreSQL gives a constraint whose name is left out (`makeObjectName`): of table, columns and kind. What
/// is too long loses the ends of table and columns, of the longer one first.
fn object_name(table: &str, columns: &str, kind: &str) -> String {
    /// One less than `NAMEDATALEN`.
    const MOST: usize = 63;
    let overhead = kind.len() + 1 + if columns.is_empty() { 0 } else { 1 };
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > MOST - overhead {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let (table, columns) = (clipped(table, first), clipped(columns, second));
    if columns.is_empty() { format!("{table}_{kind}") } else { format!("{table}_{columns}_{kind}") }
}

/// Returns as many whole characters of a text as fit into so many bytes.
fn clipped(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// Writes names as a list of SQL's.
fn quoted_list(names: &[String]) -> String {
    names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ")
}

/// Inserts that leave the column out go on counting. The bounds leave room for any start.
fn identity(start: i64, step: i64) -> String {
    let bound = if step > 0 {
        format!("MINVALUE {}", start.min(1))
    } else {
        format!("MAXVALUE {}", start.max(-1))
    };
    format!(" GENERATED BY DEFAULT AS IDENTITY (START WITH {start} INCREMENT BY {step} {bound})")
}

#[cfg(test)]
mod tests {
    use super::object_name;

    #[test]
    fn constraints_are_named_as_postgresql_names_them() {
        assert_eq!(object_name("users", "", "pkey"), "users_pkey");
        assert_eq!(object_name("users", "tenant_id_email", "key"), "users_tenant_id_email_key");
        // As PostgreSQL 15 names them.
        let long = object_name(&"t".repeat(60), &"c".repeat(20), "key");
        assert_eq!(long, format!("{}_{}_key", "t".repeat(38), "c".repeat(20)));
        let both = object_name(&"t".repeat(60), &"c".repeat(60), "key");
        assert_eq!(both, format!("{}_{}_key", "t".repeat(29), "c".repeat(29)));
        assert_eq!(object_name(&"é".repeat(31), "", "pkey"), format!("{}_pkey", "é".repeat(29)));
    }
}
