//! The project, and the contract that a verb works with.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use tdata_core::contract::{PartialContract, VersionChoice};
use tdata_core::definition::Instant;
use tdata_core::project::{Project, Surroundings};
use tdata_runtime::{Config, Engine, Request, Resolved};

use crate::exit::Failed;
use crate::volumes::{ByDataset, Said};

/// Where the definitions are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Project options")]
pub(crate) struct ProjectFolder {
    /// The project's folder, or one below it
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

/// Where the definitions are, and of which version.
#[derive(Debug, Args)]
#[command(next_help_heading = "Project options")]
pub(crate) struct ProjectOptions {
    #[command(flatten)]
    folder: ProjectFolder,

    /// The version of the definitions, out of Git: `v1.2.0`, or `latest` for the files as they are
    #[arg(long, value_name = "VERSION")]
    version: Option<VersionChoice>,
}

/// What values start from, and how many rows there are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Contract options")]
pub(crate) struct ContractOptions {
    /// What all random choice starts from [default: that of the environment or tdata.toml, else 42]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// The time that relative dates count from, such as 2024-05-01 [default: that of the environment or tdata.toml, else today]
    #[arg(long, value_name = "TIME")]
    as_of: Option<Instant>,

    /// Mask personal values; this is the default
    #[arg(long, overrides_with = "no_mask")]
    mask: bool,

    /// Leave personal values as they are generated
    #[arg(long, overrides_with = "mask", action = ArgAction::SetTrue)]
    no_mask: bool,

    /// How many rows every dataset has: a number, or `full` for what its definition says. Or users=1000, for one dataset;
    /// may be repeated
    #[arg(long, value_name = "ROWS")]
    volume: Vec<Said>,

    /// How many rows datasets have, such as '{"users":1000}' or users=1000,orders=full
    #[arg(long, value_name = "VOLUMES")]
    volumes: Option<ByDataset>,
}

impl ContractOptions {
    /// Returns what is said of a contract of some datasets. Those that are given a volume are part of it, too.
    fn contract(&self, datasets: &[String]) -> PartialContract {
        let mut said = PartialContract::of(datasets.iter().cloned());
        said.seed = self.seed;
        said.as_of = self.as_of;
        said.apply_masking = (self.mask || self.no_mask).then_some(!self.no_mask);
        let mut by_dataset: Vec<&ByDataset> = self.volumes.iter().collect();
        for volume in &self.volume {
            match volume {
                Said::Every(volume) => said.volumes.every = Some(*volume),
                Said::Of(some) => by_dataset.push(some),
            }
        }
        for (dataset, volume) in by_dataset.into_iter().flat_map(|volumes| &volumes.0) {
            said.volumes.by_dataset.insert(dataset.clone(), *volume);
            if !said.datasets.contains(dataset) {
                said.datasets.push(dataset.clone());
            }
        }
        said
    }
}

impl ProjectOptions {
    /// Returns where the definitions are.
    pub(crate) fn folder(&self) -> &ProjectFolder {
        &self.folder
    }

    /// Asks an engine for data in a database of their own, as tests do.
    pub(crate) fn request(
        &self,
        engine: &Engine,
        datasets: &[String],
        options: &ContractOptions,
    ) -> Request {
        let said = options.contract(datasets);
        let mut request = engine.request(said.datasets);
        for (dataset, volume) in said.volumes.by_dataset {
            request = request.volume(dataset, volume);
        }
        if let Some(volume) = said.volumes.every {
            request = request.every_volume(volume);
        }
        if let Some(seed) = said.seed {
            request = request.seed(seed);
        }
        if let Some(as_of) = said.as_of {
            request = request.as_of(as_of);
        }
        if let Some(apply) = said.apply_masking {
            request = request.apply_masking(apply);
        }
        if let Some(version) = self.version {
            request = request.version(version);
        }
        request
    }

    /// Makes the engine that works with the project.
    pub(crate) fn engine(&self) -> Result<Engine, Failed> {
        self.folder.engine()
    }

    /// Finds what is said of a contract in the project.
    pub(crate) fn resolve(
        &self,
        datasets: &[String],
        options: Option<&ContractOptions>,
    ) -> Result<Resolved, Failed> {
        let mut said = match options {
            Some(options) => options.contract(datasets),
            None => PartialContract::of(datasets.iter().cloned()),
        };
        said.version = self.version;
        Ok(self.folder.engine()?.resolve(said)?)
    }
}

impl ProjectFolder {
    /// Returns the URLs of the project's shards, and its folder; none, where there is no project.
    pub(crate) fn shards(&self) -> Result<(Vec<String>, PathBuf), Failed> {
        let folder = std::path::absolute(&self.project).unwrap_or_else(|_| self.project.clone());
        if !Project::exists(&folder) {
            return Ok((Vec::new(), folder));
        }
        let project = Project::discover(&folder)?;
        let urls = project.settings().shards.iter().map(|url| url.value.clone()).collect();
        Ok((urls, project.root().to_owned()))
    }

    /// Returns what surrounds the project's rows: what is usual, where there is no project.
    pub(crate) fn surroundings(&self) -> Result<Surroundings, Failed> {
        let folder = std::path::absolute(&self.project).unwrap_or_else(|_| self.project.clone());
        match Project::exists(&folder) {
            true => Ok(self.engine()?.surroundings()?),
            false => Ok(Surroundings::default()),
        }
    }

    /// Makes the engine that works with the project.
    pub(crate) fn engine(&self) -> Result<Engine, Failed> {
        let config = Config::from_environment().map_err(tdata_runtime::Error::from)?;
        Ok(Engine::new(config.project(&self.project)))
    }
}
