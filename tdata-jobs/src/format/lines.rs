//! Cells in lines.

use super::column::Cells;

/// What stands between the cells of a line.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    /// What stands before each cell.
    before: Vec<Vec<u8>>,
    /// What stands behind the last.
    end: Vec<u8>,
}

impl Lines {
    /// Lines of cells that a text parts.
    pub(crate) fn parted(columns: usize, by: &str) -> Self {
        let before = (0..columns).map(|at| if at == 0 { Vec::new() } else { by.into() });
        Self { before: before.collect(), end: b"\n".into() }
    }

    /// Cells between a beginning and an end, and parted by a text. The line is not ended.
    pub(crate) fn between(begin: &str, columns: usize, by: &str, end: &str) -> Self {
        let before = (0..columns).map(|at| if at == 0 { begin } else { by }.into());
        Self { before: before.collect(), end: end.into() }
    }

    /// Cells behind texts of their own.
    pub(crate) fn named(before: impl Iterator<Item = String>, end: &str) -> Self {
        Self { before: before.map(String::into_bytes).collect(), end: end.into() }
    }

    /// Appends a line for each row.
    pub(crate) fn append(&self, rows: usize, cells: &[Cells<'_>], out: &mut Vec<u8>) {
        self.append_with(rows, cells, out, |_, _| {}, |_, _| {});
    }

    /// Appends a line for each row, with something of its own before and behind it.
    #[inline]
    pub(crate) fn append_with(
        &self,
        rows: usize,
        cells: &[Cells<'_>],
        out: &mut Vec<u8>,
        mut before: impl FnMut(usize, &mut Vec<u8>),
        mut behind: impl FnMut(usize, &mut Vec<u8>),
    ) {
        let own = self.before.iter().map(Vec::len).sum::<usize>() + self.end.len();
        out.reserve(rows * own + cells.iter().map(Cells::bytes).sum::<usize>());
        for at in 0..rows {
            before(at, out);
            for (before, cells) in self.before.iter().zip(cells) {
                match before[..] {
                    [] => {}
                    [byte] => out.push(byte),
                    _ => out.extend_from_slice(before),
                }
                out.extend_from_slice(cells.get(at));
            }
            out.extend_from_slice(&self.end);
            behind(at, out);
        }
    }
}
