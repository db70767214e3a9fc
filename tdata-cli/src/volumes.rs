//! Volumes by dataset, as the command line says them.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;
use tdata_core::contract::Volume;

/// Volumes by dataset: a JSON object, or `users=1000,orders=full`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByDataset(pub(crate) BTreeMap<String, Volume>);

impl FromStr for ByDataset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let volumes = match text.trim_start().starts_with('{') {
            true => of_json(text)?,
            false => text.split(',').map(of_pair).collect::<Result<_, _>>()?,
        };
        Ok(Self(volumes))
    }
}

/// What `--volume` says: the rows of every dataset, or of some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Of every dataset that is not named.
    Every(Volume),
    /// Of those that are named.
    Of(ByDataset),
}

impl FromStr for Said {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.contains('=') {
            true => text.parse().map(Self::Of),
            false => {
                let volume = text.parse();
                volume.map(Self::Every).map_err(|_| "give a number of rows, or `full`".to_owned())
            }
        }
    }
}

fn of_json(text: &str) -> Result<BTreeMap<String, Volume>, String> {
    let volumes: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("this is no JSON object: {error}"))?;
    let volume = |(dataset, volume): (String, Value)| {
        let text = match &volume {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Ok((dataset.clone(), read(&dataset, &text)?))
    };
    volumes.into_iter().map(volume).collect()
}

fn of_pair(pair: &str) -> Result<(String, Volume), String> {
    let (dataset, volume) =
        pair.split_once('=').ok_or("a volume is written as users=1000, or as a JSON object")?;
    Ok((dataset.trim().to_owned(), read(dataset, volume.trim())?))
}

fn read(dataset: &str, volume: &str) -> Result<Volume, String> {
    volume
        .parse()
        .map_err(|_| format!("the volume of `{dataset}` must be a number of rows, or `full`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_an_object_or_pairs() {
        let expected = BTreeMap::from([
            ("orders".to_owned(), Volume::Full),
            ("users".to_owned(), Volume::Rows(1000)),
        ]);
        for text in [r#"{"users":1000,"orders":"full"}"#, "users=1000,orders=full"] {
            assert_eq!(text.parse(), Ok(ByDataset(expected.clone())), "{text}");
        }
        assert_eq!("50".parse(), Ok(Said::Every(Volume::Rows(50))));
        assert_eq!("users=1000,orders=full".parse(), Ok(Said::Of(ByDataset(expected))));
        assert!("many".parse::<Said>().is_err());
        for text in ["users", "users=many", r#"{"users":-1}"#, "{", r#"{"users":[]}"#] {
            assert!(text.parse::<ByDataset>().is_err(), "{text}");
        }
    }
}
