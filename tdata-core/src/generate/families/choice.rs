//! `choice`: one of a list.

use std::collections::HashSet;
use std::sync::Arc;

use super::literal::{kind_of, parse_value};
use crate::diagnostic::Located;
use crate::generate::choice::Weighted;
use crate::generate::{AnyGenerator, Build, Cell, Family, GeneratorEntry, Told};
use crate::value::{Slot, Value, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "choice",
    version: 1,
    parameters: &["choices", "weights"],
    summary: "One of `choices`, each as likely or as `weights` say.",
    build,
};

#[derive(Debug)]
struct Choice {
    values: Vec<Value>,
    weighted: Option<Weighted>,
    kind: ValueKind,
    longest: usize,
}

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let Some(choices) = build.texts("choices") else {
        if build.node("choices").is_none() {
            build.missing("choices", "choices: [a, b, c]");
        }
        return None;
    };
    if choices.is_empty() {
        let origin = build.node("choices").map_or(build.generator_origin(), |node| &node.origin);
        build.invalid(origin, "there is nothing to choose from", "name one choice at least");
        return None;
    }
    let values = read_values(build, &choices);
    let weighted = read_weights(build, choices.len());
    let (values, weighted) = (values?, weighted.ok()?);
    let longest = values.iter().map(|value| value.to_string().chars().count()).max();
    let (kind, longest) = (kind_of(build.sql_type), longest.unwrap_or(0));
    Some(Arc::new(Choice { values, weighted, kind, longest }))
}

fn read_values(build: &mut Build<'_>, choices: &[Located<String>]) -> Option<Vec<Value>> {
    let mut values: Vec<Value> = Vec::new();
    let mut seen = HashSet::new();
    for choice in choices {
        match parse_value(&choice.value, build.sql_type, build.as_of) {
            // Values of one type that are written alike are the same.
            Ok(value) if !seen.insert(value.to_string()) => {
                let message = format!("the choice `{}` stands here twice", choice.value);
                let help = "drop one; `weights` make a choice more likely than another";
                build.invalid(&choice.origin, message, help);
            }
            Ok(value) => values.push(value),
            Err(expected) => {
                let message = format!("the choice `{}` is not {expected}", choice.value);
                let help = format!("that is what a column of type `{}` takes", build.sql_type);
                build.invalid(&choice.origin, message, help);
            }
        }
    }
    (values.len() == choices.len()).then_some(values)
}

fn read_weights(build: &mut Build<'_>, choices: usize) -> Result<Option<Weighted>, Told> {
    let Some(origin) = build.node("weights").map(|node| &node.origin) else { return Ok(None) };
    let texts = build.texts("weights").ok_or(Told)?;
    let mut weights = Vec::new();
    for text in &texts {
        match text.value.parse::<f64>() {
            Ok(weight) if weight.is_finite() && weight >= 0.0 => weights.push(weight),
            _ => {
                let message = format!("`{}` is no weight", text.value);
                build.invalid(&text.origin, message, "give a number that is not negative");
            }
        }
    }
    if weights.len() != texts.len() {
        return Err(Told);
    }
    if weights.len() != choices {
        let message = format!("{choices} choices have {} weights", weights.len());
        build.invalid(origin, message, "give each choice one weight");
        return Err(Told);
    }
    let total: f64 = weights.iter().sum();
    if total == 0.0 || !total.is_finite() {
        let message = format!("the weights sum to {total}");
        build.invalid(origin, message, "weights are shares, such as `[20, 50, 30]`");
        return Err(Told);
    }
    Ok(Some(Weighted::new(&weights)))
}

impl Family for Choice {
    fn kind(&self) -> ValueKind {
        self.kind
    }

    fn capacity(&self) -> u64 {
        self.values.len() as u64
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        out.copy((&self.values[number as usize]).into());
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        let number = match &self.weighted {
            Some(weighted) => weighted.pick(&mut cell.rng) as u64,
            None => cell.rng.below(self.capacity()),
        };
        self.nth(number, out);
    }

    fn max_length(&self, _rows: u64) -> usize {
        self.longest
    }

    fn integer_range(&self, _rows: u64) -> Option<(i64, i64)> {
        let number = |value: &Value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        };
        let numbers: Vec<i64> = self.values.iter().map(number).collect::<Option<_>>()?;
        Some((*numbers.iter().min()?, *numbers.iter().max()?))
    }
}
