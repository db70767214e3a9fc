//! Blocks as cells of a format: a column at a time, so that what is decided for a column is not decided for each cell.

use tdata_core::value::{Block, Data, Value};

use super::cell::{self, Form, Style};

/// The cells of a column in some rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells<'a> {
    texts: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    /// Returns how many bytes all of them have.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.len()
    }

    /// Returns a cell.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> &'a [u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.texts[start..self.ends[at]]
    }
}

/// Memory for cells, used again for each block.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    columns: Vec<Written>,
}

/// The cells of a column, written one behind the other.
#[derive(Debug, Default)]
struct Written {
    texts: String,
    ends: Vec<usize>,
}

impl Scratch {
    /// Returns the cells of some blocks, each with the form of its column.
    pub(crate) fn cells<'a, S: Style>(
        &'a mut self,
        forms: &[Form],
        blocks: &'a [Block],
    ) -> Vec<Cells<'a>> {
        self.columns.resize_with(blocks.len(), Written::default);
        let columns = forms.iter().zip(blocks).zip(&mut self.columns);
        columns.map(|((form, block), written)| written.cells::<S>(*form, block)).collect()
    }
}

impl Written {
    fn cells<'a, S: Style>(&'a mut self, form: Form, block: &'a Block) -> Cells<'a> {
        if let Some((texts, ends)) = block.texts()
            && !block.has_nulls()
            && S::is_plain(texts, ends)
        {
            return Cells { texts: texts.as_bytes(), ends };
        }
        self.texts.clear();
        self.ends.clear();
        self.write::<S>(form, block);
        Cells { texts: self.texts.as_bytes(), ends: &self.ends }
    }

    fn write<S: Style>(&mut self, form: Form, block: &Block) {
        match block.data() {
            Data::Int(numbers) if form == Form::Bare || S::QUOTE.is_empty() => {
                let mut digits = itoa::Buffer::new();
                self.each::<S>(block, |at, out| out.push_str(digits.format(numbers[at])));
            }
            Data::Text { ends, .. } => {
                let (texts, mut start) = (block.texts().map_or("", |(texts, _)| texts), 0);
                self.each_with::<S>(block, |at, is_null, out| {
                    if !is_null {
                        S::text(form, &texts[start..ends[at]], out);
                    }
                    start = ends[at];
                });
            }
            Data::Timestamp(instants) => {
                self.each::<S>(block, |at, out| S::instant(form, instants[at], out));
            }
            Data::Bool(values) => {
                self.each::<S>(block, |at, out| {
                    cell::append::<S>(form, &Value::Bool(values[at]), out);
                });
            }
            Data::Int(numbers) => {
                self.each::<S>(block, |at, out| {
                    cell::append::<S>(form, &Value::Int(numbers[at]), out);
                });
            }
            Data::Decimal { unscaled, scale } => {
                let scale = *scale;
                self.each::<S>(block, |at, out| {
                    let value = Value::Decimal { unscaled: unscaled[at], scale };
                    cell::append::<S>(form, &value, out);
                });
            }
            Data::Float(numbers) => {
                self.each::<S>(block, |at, out| {
                    cell::append::<S>(form, &Value::Float(numbers[at]), out);
                });
            }
            Data::Date(days) => {
                self.each::<S>(block, |at, out| {
                    cell::append::<S>(form, &Value::Date(days[at]), out);
                });
            }
            Data::Uuid(uuids) => {
                self.each::<S>(block, |at, out| {
                    cell::append::<S>(form, &Value::Uuid(uuids[at]), out);
                });
            }
            Data::Mixed(values) => {
                self.each::<S>(block, |at, out| cell::append::<S>(form, &values[at], out));
            }
        }
    }

    /// Writes every cell that is not null.
    #[inline]
    fn each<S: Style>(&mut self, block: &Block, mut write: impl FnMut(usize, &mut String)) {
        self.each_with::<S>(block, |at, is_null, out| {
            if !is_null {
                write(at, out);
            }
        });
    }

    #[inline]
    fn each_with<S: Style>(
        &mut self,
        block: &Block,
        mut write: impl FnMut(usize, bool, &mut String),
    ) {
        let rows = block.len();
        if block.has_nulls() {
            for at in 0..rows {
                let is_null = block.is_null(at);
                if is_null {
                    self.texts.push_str(S::NULL);
                }
                write(at, is_null, &mut self.texts);
                self.ends.push(self.texts.len());
            }
        } else {
            for at in 0..rows {
                write(at, false, &mut self.texts);
                self.ends.push(self.texts.len());
            }
        }
    }
}
