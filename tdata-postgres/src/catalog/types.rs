//! Types, put together from what the catalog says of their parts.

use std::collections::HashMap;
use std::sync::Arc;

use postgres::{GenericClient, Row};
use tdata_core::plan::CatalogType;
use tdata_core::sql::{
    ArrayType, CompositeType, DomainCheck, DomainType, EnumType, OtherType, RangeType, SqlType,
    TypeName,
};

use super::queries;

/// The types of a database that are not PostgreSQL's own, by object id.
#[derive(Default)]
pub(super) struct Types {
    entries: HashMap<u32, Entry>,
    /// The object ids, in the order of the names.
    order: Vec<u32>,
    labels: HashMap<u32, Vec<String>>,
    checks: HashMap<u32, Vec<DomainCheck>>,
    /// The subtypes of ranges and multiranges.
    subtypes: HashMap<u32, Written>,
    /// The attributes of composite types, by the relation that stands for each.
    attributes: HashMap<u32, Vec<(String, Written)>>,
}

/// A type as `pg_type` has it.
struct Entry {
    schema: String,
    name: String,
    /// How PostgreSQL writes it.
    text: String,
    is_visible: bool,
    typtype: u8,
    is_array: bool,
    /// Whether it is the type of a table's rows.
    is_row: bool,
    element: u32,
    relation: u32,
    base: Written,
    not_null: bool,
}

/// A type where it is used: with its modifiers, as PostgreSQL writes it.
#[derive(Clone)]
pub(super) struct Written {
    oid: u32,
    text: String,
    dimensions: i32,
}

impl Written {
    /// Reads the columns `name`, `name_text` and `dimensions` of a row.
    pub(super) fn of(row: &Row, name: &str) -> Self {
        let text: Option<String> = row.get(&*format!("{name}_text"));
        let text = text.unwrap_or_default();
        Self { oid: row.get(name), text, dimensions: row.get("dimensions") }
    }
}

impl Types {
    /// Reads the types. Where there are none of anybody's own, one query says so.
    pub(super) fn read(client: &mut impl GenericClient) -> Result<Self, postgres::Error> {
        let mut types = Self::default();
        for row in client.query(queries::TYPES, &[])? {
            let oid = row.get("oid");
            types.order.push(oid);
            types.entries.insert(oid, entry(&row));
        }
        let any = |typtype: u8| types.entries.values().any(|one| one.typtype == typtype);
        let (enums, domains, ranges) = (any(b'e'), any(b'd'), any(b'r'));
        let composites = types.entries.values().any(|one| one.relation != 0 && !one.is_row);
        if enums {
            for row in client.query(queries::LABELS, &[])? {
                types.labels.entry(row.get("oid")).or_default().push(row.get("label"));
            }
        }
        if domains {
            for row in client.query(queries::DOMAIN_CHECKS, &[])? {
                let check = DomainCheck { name: row.get("name"), condition: row.get("condition") };
                types.checks.entry(row.get("oid")).or_default().push(check);
            }
        }
        if ranges {
            for row in client.query(queries::RANGES, &[])? {
                let text = row.get("subtype_text");
                let subtype = Written { oid: row.get("subtype"), text, dimensions: 0 };
                if let Some(multirange) = row.get("multirange") {
                    types.subtypes.insert(multirange, subtype.clone());
                }
                types.subtypes.insert(row.get("oid"), subtype);
            }
        }
        if composites {
            for row in client.query(queries::ATTRIBUTES, &[])? {
                let attribute = (row.get("name"), Written::of(&row, "type"));
                types.attributes.entry(row.get("relation")).or_default().push(attribute);
            }
        }
        Ok(types)
    }

    /// Adds a column of a table, which is an attribute of its rows.
    pub(super) fn add_attribute(&mut self, relation: u32, name: String, written: Written) {
        self.attributes.entry(relation).or_default().push((name, written));
    }

    /// Returns the types that a definition can name: arrays and rows of tables are left out.
    pub(super) fn named(&self) -> Vec<CatalogType> {
        let entries = self.order.iter().filter_map(|oid| Some((*oid, self.entries.get(oid)?)));
        entries
            .filter(|(_, entry)| !entry.is_array && !entry.is_row)
            .map(|(oid, entry)| CatalogType {
                schema: entry.schema.clone(),
                name: entry.name.clone(),
                is_visible: entry.is_visible,
                sql_type: self.of_entry(oid, entry, ""),
            })
            .collect()
    }

    /// Returns the type of a column, a domain's base, an attribute or a subtype.
    pub(super) fn of(&self, written: &Written) -> SqlType {
        let sql_type = match self.entries.get(&written.oid) {
            Some(entry) => self.of_entry(written.oid, entry, &written.text),
            None => builtin(&written.text),
        };
        match (sql_type, u16::try_from(written.dimensions)) {
            (SqlType::Array(array), Ok(dimensions @ 2..)) => {
                let element = array.element.clone();
                SqlType::Array(Arc::new(ArrayType { element, dimensions }))
            }
            (sql_type, _) => sql_type,
        }
    }

    /// Puts a type together; `text` is how it is written where it is used, if it is.
    fn of_entry(&self, oid: u32, entry: &Entry, text: &str) -> SqlType {
        let name = || TypeName {
            schema: (!entry.is_visible).then(|| entry.schema.clone()),
            name: entry.name.clone(),
        };
        if entry.is_array
            && let Some(element) = self.entries.get(&entry.element)
        {
            let element = self.of_entry(entry.element, element, text.trim_end_matches("[]"));
            return SqlType::Array(Arc::new(ArrayType { element, dimensions: 1 }));
        }
        match entry.typtype {
            b'e' => {
                let labels = self.labels.get(&oid).cloned().unwrap_or_default();
                SqlType::Enum(Arc::new(EnumType { name: name(), labels }))
            }
            b'd' => SqlType::Domain(Arc::new(DomainType {
                name: name(),
                base: self.of(&entry.base),
                not_null: entry.not_null,
                checks: self.checks.get(&oid).cloned().unwrap_or_default(),
            })),
            b'r' | b'm' => {
                let subtype = self.subtypes.get(&oid);
                let subtype = subtype.map_or_else(|| SqlType::named(""), |one| self.of(one));
                let range = Arc::new(RangeType { name: name(), subtype });
                if entry.typtype == b'r' {
                    SqlType::Range(range)
                } else {
                    SqlType::Multirange(range)
                }
            }
            b'c' => {
                let attributes = self.attributes.get(&entry.relation).into_iter().flatten();
                let attributes =
                    attributes.map(|(name, written)| (name.clone(), self.of(written))).collect();
                SqlType::Composite(Arc::new(CompositeType { name: name(), attributes }))
            }
            // A type of an extension, which may have modifiers; some of them are scalars.
            _ => {
                let text = if text.is_empty() { &entry.text } else { text };
                let other = || SqlType::Other(OtherType { name: name(), modifiers: None });
                text.parse().unwrap_or_else(|_| other())
            }
        }
    }
}

fn entry(row: &Row) -> Entry {
    Entry {
        schema: row.get("schema"),
        name: row.get("name"),
        text: row.get("text"),
        is_visible: row.get("is_visible"),
        typtype: row.get::<_, i8>("typtype").cast_unsigned(),
        is_array: row.get("is_array"),
        is_row: row.get("is_row"),
        element: row.get("element"),
        relation: row.get("relation"),
        base: Written::of(row, "base"),
        not_null: row.get("not_null"),
    }
}

/// Reads a type of PostgreSQL's own.
fn builtin(text: &str) -> SqlType {
    text.parse().unwrap_or_else(|_| SqlType::named(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(oid: u32, text: &str) -> Written {
        Written { oid, text: text.to_owned(), dimensions: 0 }
    }

    fn entry(name: &str, typtype: u8, base: Written) -> Entry {
        Entry {
            schema: "shop".into(),
            name: name.into(),
            text: name.into(),
            is_visible: true,
            typtype,
            is_array: false,
            is_row: false,
            element: 0,
            relation: 0,
            base,
            not_null: false,
        }
    }

    /// An enum (1), a domain over it (2), a domain over that (3), an array of these (4), and a hidden composite (5).
    fn types() -> Types {
        let mut types = Types::default();
        types.entries.insert(1, entry("mood", b'e', written(0, "")));
        types.labels.insert(1, vec!["glad".into(), "sad".into()]);
        types.entries.insert(2, entry("today", b'd', written(1, "mood")));
        types
            .entries
            .insert(3, Entry { not_null: true, ..entry("now", b'd', written(2, "today")) });
        let array = Entry { is_array: true, element: 3, ..entry("_now", b'b', written(0, "")) };
        types.entries.insert(4, array);
        let pair = entry("pair", b'c', written(0, ""));
        types.entries.insert(5, Entry { relation: 50, is_visible: false, ..pair });
        types.add_attribute(50, "left".into(), written(3, "now"));
        types.add_attribute(50, "right".into(), written(23, "integer"));
        types.order = vec![1, 2, 3, 4, 5];
        types
    }

    #[test]
    fn a_domain_over_a_domain_keeps_the_labels_of_its_enum() {
        let now = types().of(&written(3, "now"));
        assert_eq!(now.labels().unwrap(), ["glad", "sad"]);
        assert!(now.is_not_null());
        assert!(!types().of(&written(2, "today")).is_not_null());
    }

    #[test]
    fn arrays_keep_element_and_dimensions() {
        let array = |dimensions| types().of(&Written { dimensions, ..written(4, "now[]") });
        let SqlType::Array(plain) = array(0) else { panic!("an array") };
        assert_eq!((plain.dimensions, plain.element.to_string()), (1, "now".to_owned()));
        let SqlType::Array(table) = array(2) else { panic!("an array") };
        assert_eq!((table.dimensions, table.element.to_string()), (2, "now".to_owned()));
    }

    #[test]
    fn composites_know_their_attributes_and_their_schema_where_the_path_does_not_lead_there() {
        let pair = types().of(&written(5, "shop.pair"));
        assert_eq!(pair.to_string(), "shop.pair");
        let SqlType::Composite(pair) = pair else { panic!("a composite") };
        let attributes = pair.attributes.iter();
        let attributes: Vec<String> =
            attributes.map(|(name, sql_type)| format!("{name} {sql_type}")).collect();
        assert_eq!(attributes, ["left now", "right integer"]);
    }

    #[test]
    fn definitions_can_name_all_but_arrays() {
        let named = types().named();
        let names: Vec<&str> = named.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["mood", "today", "now", "pair"]);
    }
}
