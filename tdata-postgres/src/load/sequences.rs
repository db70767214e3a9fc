//! Lets sequences go on counting behind the rows.

use std::collections::BTreeMap;

use postgres::Transaction;
use tdata_core::plan::DatasetPlan;
use tdata_core::sql::{quote_identifier, quote_literal};

/// The sequences that columns of tables count by: those that belong to a column, those that its default calls, whosever
/// they are, and those that a function asks which the default calls, or from which a trigger sets the column before a row
/// is inserted. That a function asks a sequence is no proof that the column has its values (`is_certain`). The parameters
/// are the tables, as SQL names them, and those of them whose rows were made.
const COUNTING: &str = r#"
WITH counted AS (
  SELECT t.name, a.attrelid, a.attname, a.attnum, f.oid AS default_value
  FROM unnest($1::text[]) AS t(name)
  JOIN pg_attribute a ON a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.atttypid::regtype IN ('smallint', 'integer', 'bigint', 'numeric')
  LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
), patterns AS (
  SELECT $$nextval\s*\(\s*'(?:"?([^'".]+)"?\.)?"?([^'".]+)"?'$$ AS asked
), asking AS (
  SELECT a.name, a.attrelid, a.attname, p.oid AS function, p.pronamespace, p.prosrc, asked AS pattern
  FROM patterns, counted a
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.default_value
    AND d.refclassid = 'pg_proc'::regclass
  JOIN pg_proc p ON p.oid = d.refobjid
  WHERE a.name = ANY ($2)
  UNION ALL
  SELECT a.name, a.attrelid, a.attname, p.oid, p.pronamespace, p.prosrc, form.pattern
  FROM patterns, counted a
  JOIN pg_trigger g ON g.tgrelid = a.attrelid AND NOT g.tgisinternal AND g.tgtype & 7 = 7
  JOIN pg_proc p ON p.oid = g.tgfoid
  CROSS JOIN LATERAL (
    SELECT '\mnew\."?' || regexp_replace(a.attname, '(\W)', '\\\1', 'g') || '"?' AS set_column
  ) AS new
  CROSS JOIN LATERAL (VALUES
    (new.set_column || '\s*:=[^;]*?' || asked),
    (asked || '[^;]*?\minto\s+(?:strict\s+)?' || new.set_column || '(?!\w)')
  ) AS form(pattern)
  WHERE a.name = ANY ($2)
), found AS (
  SELECT a.name, a.attname, d.objid AS sequence, true AS is_certain
  FROM counted a
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
  UNION
  SELECT a.name, a.attname, d.refobjid, true
  FROM counted a
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.default_value
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> a.attrelid
  UNION
  SELECT a.name, a.attname, d.refobjid, false
  FROM asking a, patterns
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_class'::regclass
  WHERE d.objid = a.function AND a.pattern = asked
  UNION
  SELECT a.name, a.attname, s.oid, false
  FROM asking a
  JOIN pg_class c ON c.oid = a.attrelid
  CROSS JOIN regexp_matches(a.prosrc, a.pattern, 'gi') AS m(parts)
  JOIN pg_class s ON s.relkind = 'S' AND s.relname IN (m.parts[2], lower(m.parts[2]))
  JOIN pg_namespace n ON n.oid = s.relnamespace
    AND CASE WHEN m.parts[1] IS NULL THEN n.oid IN (c.relnamespace, a.pronamespace)
             ELSE n.nspname IN (m.parts[1], lower(m.parts[1])) END
)
SELECT format('%I.%I', n.nspname, s.relname) AS sequence, f.name AS table, f.attname::text AS column,
       bool_or(f.is_certain) AS is_certain, q.seqstart, q.seqincrement, q.seqmin, q.seqmax
FROM found f
JOIN pg_class s ON s.oid = f.sequence AND s.relkind = 'S'
JOIN pg_namespace n ON n.oid = s.relnamespace
JOIN pg_sequence q ON q.seqrelid = s.oid
GROUP BY 1, 2, 3, 5, 6, 7, 8
ORDER BY 1, 2, 3"#;

/// How a sequence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counting {
    start: i64,
    increment: i64,
    least: i64,
    most: i64,
}

impl Counting {
    /// Returns where a sequence is to stand so that its next values come behind `last`, the furthest that there is.
    /// `next` is the value that it gives next as it stands; `None` where that is behind already.
    ///
    /// It stays in step with its start. Behind the end of its range it stands at the end.
    fn behind(self, last: i128, next: i128) -> Option<i64> {
        let Self { start, increment, least, most } = self;
        let (start, increment) = (i128::from(start), i128::from(increment));
        let is_behind = if increment > 0 { next > last } else { next < last };
        if is_behind {
            return None;
        }
        // The last whole step that is not behind the rows.
        let steps = ((last - start) * increment.signum()).div_euclid(increment.abs());
        let stand = start + steps * increment;
        Some(i64::try_from(stand.clamp(i128::from(least), i128::from(most))).unwrap_or(most))
    }
}

/// Sets the sequences that the columns of some datasets count by, in any way, behind the rows that are there. With `ends`, also behind
/// the last row of each dataset, wherever that is.
pub(super) fn go_on(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
    ends: bool,
) -> Result<(), postgres::Error> {
    let tables: Vec<String> = datasets.iter().map(|dataset| dataset.table.to_string()).collect();
    let mut counting: BTreeMap<String, (Counting, Option<i128>)> = BTreeMap::new();
    let made = datasets.iter().filter(|dataset| !dataset.is_there());
    let made: Vec<String> = made.map(|dataset| dataset.table.to_string()).collect();
    for row in transaction.query(COUNTING, &[&tables, &made])? {
        let (table, column): (String, String) = (row.get("table"), row.get("column"));
        let found = Counting {
            start: row.get("seqstart"),
            increment: row.get("seqincrement"),
            least: row.get("seqmin"),
            most: row.get("seqmax"),
        };
        let furthest = if found.increment > 0 { "max" } else { "min" };
        let sql = format!("SELECT {furthest}({})::text FROM {table}", quote_identifier(&column));
        let last = transaction.query_one(&sql, &[])?.get::<_, Option<String>>(0);
        // Decimal numbers may be longer than any sequence.
        let last = last.and_then(|text| text.split('.').next()?.parse::<i128>().ok());
        let of_all = datasets.iter().filter(|one| ends && one.table.to_string() == table);
        let end = of_all.filter_map(|dataset| end_of(dataset, &column)).next();
        let further = |a: i128, b: i128| if found.increment > 0 { a.max(b) } else { a.min(b) };
        let last = last.into_iter().chain(end).reduce(further);
        // A function may make greater numbers of what it asks.
        let is_in_range =
            |last: &i128| (i128::from(found.least)..=i128::from(found.most)).contains(last);
        let last = last.filter(|last| row.get("is_certain") || is_in_range(last));
        let (_, known) = counting.entry(row.get("sequence")).or_insert((found, None));
        *known = match (*known, last) {
            (Some(known), Some(last)) if found.increment > 0 => Some(known.max(last)),
            (Some(known), Some(last)) => Some(known.min(last)),
            (known, last) => known.or(last),
        };
    }
    for (sequence, (counting, last)) in counting {
        let Some(last) = last else { continue };
        let stands =
            transaction.query_one(&format!("SELECT last_value, is_called FROM {sequence}"), &[])?;
        let (value, is_called): (i64, bool) = (stands.get(0), stands.get(1));
        let step = if is_called { counting.increment } else { 0 };
        if let Some(stand) = counting.behind(last, i128::from(value) + i128::from(step)) {
            let name = quote_literal(&sequence);
            transaction.batch_execute(&format!("SELECT setval({name}, {stand})"))?;
        }
    }
    Ok(())
}

/// Returns what a column that counts has in the last row of a dataset.
fn end_of(dataset: &DatasetPlan, column: &str) -> Option<i128> {
    let sequence = dataset.field(column)?.sequence?;
    let last = dataset.rows.checked_sub(1)?;
    Some(i128::from(sequence.start) + i128::from(sequence.step) * i128::from(last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counting(start: i64, increment: i64, least: i64, most: i64) -> Counting {
        Counting { start, increment, least, most }
    }

    #[test]
    fn sequences_stand_behind_the_rows() {
        let usual = counting(1, 1, 1, i64::MAX);
        assert_eq!(usual.behind(20, 1), Some(20));
        assert_eq!(usual.behind(20, 21), None, "it is behind already");
        assert_eq!(usual.behind(-5, 1), None);
        assert_eq!(counting(5000, 1, 5000, i64::MAX).behind(20, 5000), None);
        assert_eq!(counting(10, 5, 1, 1000).behind(25, 10), Some(25));
        assert_eq!(counting(10, 5, 1, 1000).behind(26, 10), Some(25), "in step");
        assert_eq!(counting(-1, -1, -100, -1).behind(-9, -1), Some(-9));
        assert_eq!(counting(-1, -5, -100, -1).behind(-9, -1), Some(-6));
        assert_eq!(counting(1, 1, 1, 100).behind(120, 1), Some(100), "at the end of its range");
    }

    proptest! {
        #[test]
        fn the_next_value_is_behind_all_rows(
            start in -1000_i64..1000,
            increment in prop_oneof![1_i64..50, -50_i64..-1],
            last in -5000_i128..5000,
        ) {
            let counting = counting(start, increment, i64::MIN, i64::MAX);
            let next = i128::from(start);
            let next = match counting.behind(last, next) {
                None => next,
                Some(stand) => i128::from(stand) + i128::from(increment),
            };
            let is_behind = |value: i128| if increment > 0 { value > last } else { value < last };
            prop_assert!(is_behind(next));
            prop_assert_eq!((next - i128::from(start)) % i128::from(increment), 0);
            // And not further than needed.
            let before = next - i128::from(increment);
            prop_assert!(!is_behind(before) || next == i128::from(start));
        }
    }
}
