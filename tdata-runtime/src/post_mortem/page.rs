//! `index.html`: a page to look at, with all that it needs in it.

use super::changes::Changes;
use super::compare::Comparison;
use super::differences::{Cell, Column, RowChange, TableDifference};
use super::failure::Told;
use super::html::escape;
use super::plan_file;
use super::test_id::TestId;
use crate::inject::TestData;

const STYLE: &str = include_str!("page.css");

/// Writes the page.
pub(super) fn write(
    id: &TestId,
    data: &TestData,
    failure: &Told,
    changes: &Changes,
    command: &str,
) -> String {
    let (path, name) = match id.test.rsplit_once("::") {
        Some((path, name)) => (format!("{}::{path}", id.target), name),
        None => (id.target.clone(), id.test.as_str()),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{name} failed</title>\n<style>\n{STYLE}</style>\n<main>\n\
         <header><p class=\"path\">{package} · {path}</p>\n<h1>{name}</h1></header>\n\
         {failure}{changes}\
         <section><h2>Run it again on the same data</h2>\n<pre class=\"command\">{command}</pre></section>\n\
         {contract}{plan}\
         <footer>Written by tdata {version}. <a href=\"changes.json\">changes.json</a> has all of this for \
         programs, <a href=\"dump.sql\">dump.sql</a> the rows at the failure.</footer>\n</main>\n</html>\n",
        name = escape(name),
        package = escape(&id.package),
        path = escape(&path),
        failure = failed(failure),
        changes = changed(changes),
        command = escape(command),
        contract = contract(data),
        plan = plan(data),
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn failed(failure: &Told) -> String {
    let Told { words, place, message } = failure;
    let place = place.as_ref().map_or_else(String::new, |place| format!(" at {place}"));
    let message = match message {
        None => String::new(),
        Some(Ok(message)) => format!("<pre class=\"message\">{}</pre>\n", escape(message)),
        Some(Err(why)) => format!(
            "<p class=\"quiet\">What it says is not here, because it may hold values that are hidden: {}.</p>\n",
            escape(&why.to_string())
        ),
    };
    let words = escape(&format!("{words}{place}"));
    format!("<section><h2>The failure</h2>\n<p>{words}.</p>\n{message}</section>\n")
}

fn changed(changes: &Changes) -> String {
    let body = match changes {
        Changes::ReadOnly => {
            "<p class=\"quiet\">The data are shared by several tests and read-only.</p>\n"
                .to_owned()
        }
        Changes::Unknown { why, counted } => {
            let counted = counted.iter().flatten();
            let lines: String =
                counted.map(|change| format!("<li>{}\n", escape(&change.to_string()))).collect();
            let counted = match lines.as_str() {
                "" => String::new(),
                lines => format!(
                    "<p class=\"quiet\">What it did to rows, if only to roll it back:</p>\n<ul>{lines}</ul>\n"
                ),
            };
            let why = escape(&why.to_string());
            format!("<p class=\"quiet\">The changed rows cannot be had: {why}.</p>\n{counted}")
        }
        Changes::Compared { comparison, with_others } => compared(comparison, *with_others),
    };
    format!("<section><h2>What it changed</h2>\n{body}</section>\n")
}

fn compared(comparison: &Comparison, with_others: bool) -> String {
    let Comparison { tables, unread } = comparison;
    let mut body = String::new();
    if with_others {
        body.push_str(
            "<p class=\"quiet\">What other tests on the same data changed is among it.</p>\n",
        );
    }
    if tables.is_empty() && unread.is_empty() {
        body.push_str("<p class=\"quiet\">No row is other than it was loaded.</p>\n");
    }
    body.extend(tables.iter().map(table));
    for (table, trouble) in unread {
        let (table, trouble) = (escape(table), escape(&trouble.to_string()));
        body.push_str(&format!(
            "<p class=\"quiet\"><code>{table}</code> was not compared: {trouble}.</p>\n"
        ));
    }
    body
}

fn table(difference: &TableDifference) -> String {
    let TableDifference { table, inserted, updated, deleted, columns, rows, fate, .. } = difference;
    let count = |class: &str, count: &u64, word: &str| match count {
        0 => String::new(),
        count => format!("<span class=\"count {class}\">{count} {word}</span>"),
    };
    let fate = fate.word().map(|word| format!("<span class=\"count\">{word}</span>"));
    let heads: String = columns.iter().map(head).collect();
    let lines: String = rows.iter().map(row).collect();
    let more = match difference.more() {
        0 => String::new(),
        more => format!("<p class=\"quiet\">… and {more} more</p>\n"),
    };
    let listed = match (rows.as_slice(), columns.as_slice()) {
        ([], _) | (_, []) => String::new(),
        _ => format!(
            "<div class=\"wide\"><table>\n<thead><tr><th>{heads}</tr></thead>\n<tbody>\n{lines}</tbody>\n\
             </table></div>\n"
        ),
    };
    format!(
        "<details open><summary><code>{}</code>{}{}{}{}</summary>\n{listed}{more}</details>\n",
        escape(table),
        fate.unwrap_or_default(),
        count("inserted", inserted, "inserted"),
        count("updated", updated, "updated"),
        count("deleted", deleted, "deleted"),
    )
}

fn head(column: &Column) -> String {
    let key = if column.in_key { " class=\"key\"" } else { "" };
    format!("<th{key}>{}", escape(&column.name))
}

fn row(change: &RowChange) -> String {
    let (class, mark, cells) = match change {
        RowChange::Inserted(cells) => ("inserted", "+", cells.iter().map(cell).collect()),
        RowChange::Deleted(cells) => ("deleted", "−", cells.iter().map(cell).collect()),
        RowChange::Updated(cells) => {
            let cells = cells.iter().map(|updated| match &updated.after {
                None => cell(&updated.before),
                Some(Cell::Hidden) => "<td class=\"other\"><i>hidden, changed</i>".to_owned(),
                Some(after) => format!(
                    "<td class=\"other\"><del>{}</del> <ins>{}</ins>",
                    value(&updated.before),
                    value(after)
                ),
            });
            ("updated", "~", cells.collect::<String>())
        }
    };
    format!("<tr class=\"{class}\"><td class=\"mark\">{mark}{cells}</tr>\n")
}

fn cell(cell: &Cell) -> String {
    format!("<td>{}", value(cell))
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Hidden => "<i>hidden</i>".to_owned(),
        Cell::Null => "<i>null</i>".to_owned(),
        Cell::Text(text) if text.is_empty() => "<i>empty</i>".to_owned(),
        Cell::Text(text) => escape(text),
    }
}

fn contract(data: &TestData) -> String {
    let (contract, server) = (data.contract(), data.server());
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let major = server.version() / 10_000;
    let entries = [
        ("datasets", contract.datasets.join(", ")),
        ("scope", contract.scope.to_string()),
        ("isolation", contract.isolation.to_string()),
        ("masked", yes(contract.apply_masking)),
        ("version", contract.version.to_string()),
        ("writable", yes(contract.writable)),
        ("seed", contract.seed.to_string()),
        ("as of", contract.as_of.to_string()),
        ("PostgreSQL", format!("{major} ({})", server.source())),
    ];
    let entries: String = (entries.iter())
        .map(|(name, value)| format!("<div><dt>{name}<dd>{}</div>\n", escape(value)))
        .collect();
    format!("<section><h2>The contract</h2>\n<dl>{entries}</dl></section>\n")
}

fn plan(data: &TestData) -> String {
    let heads: String = plan_file::HEADINGS.iter().map(|head| format!("<th>{head}")).collect();
    let datasets = data.plan().datasets.iter().map(|dataset| {
        let fields: String = (dataset.fields.iter())
            .map(|field| {
                let columns = plan_file::columns(dataset, field);
                let cells = columns.iter().map(|text| format!("<td>{}", escape(text)));
                format!("<tr>{}</tr>\n", cells.collect::<String>())
            })
            .collect();
        format!(
            "<details><summary>{}</summary>\n<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n\
             <tbody>\n{fields}</tbody>\n</table></div></details>\n",
            escape(&plan_file::heading(dataset))
        )
    });
    format!("<section><h2>The plan</h2>\n{}</section>\n", datasets.collect::<String>())
}
