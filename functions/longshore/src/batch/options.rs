//! The words of `worker batch …` ─▶ what to work off, and which of it.

mod error;

use jiff::Timestamp;

pub use error::OptionsError;

use super::Address;
use crate::trigger::Bytes;

/// Objects worked off at once, unless the command line says otherwise.
pub const PARALLEL: usize = 4;
/// Most of them: each has eight batches in flight, and the task a few hundred megabytes.
pub const PARALLEL_MAX: usize = 32;
/// Most suffixes; each is compared with every key.
const SUFFIXES_MAX: usize = 32;
/// What an inventory's manifest is named (S3 User Guide, "Locating your inventory list").
const MANIFEST: &str = "/manifest.json";
/// Says that an empty prefix is no slip, such as a parameter that was left empty.
const WHOLE_BUCKET: &str = "--whole-bucket";

/// What a tick is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the objects are named.
    pub source: Source,
    /// Which of them.
    pub choice: Choice,
    /// How many at once.
    pub parallel: usize,
}

/// Where the objects are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// All keys of a bucket that begin so.
    Prefix(Address),
    /// The manifest of an S3 Inventory.
    Inventory(Address),
}

/// Which objects of the source are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Keys that begin so.
    pub prefix: String,
    /// Keys that end in one of these; none means any.
    pub suffixes: Vec<String>,
    /// Least size, in bytes.
    pub size_min: u64,
    /// Largest size, in bytes.
    pub size_max: u64,
    /// Modified not before this.
    pub since: Since,
}

/// Which objects are old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// None.
    Ever,
    /// Those that an earlier tick has worked off.
    Previous,
    /// Those modified before this.
    At(Timestamp),
}

/// What was said of each option.
#[derive(Default)]
struct Said {
    source: Option<String>,
    inventory: Option<String>,
    prefix: Option<String>,
    suffixes: Vec<String>,
    size_min: Option<String>,
    size_max: Option<String>,
    since: Option<String>,
    parallel: Option<String>,
    is_whole_bucket: bool,
}

impl Options {
    /// Reads `--name value` and `--name=value`, in any order.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, OptionsError> {
        let said = Said::read(words.into_iter())?;
        let source = source(said.source, said.inventory)?;
        match &source {
            Source::Prefix(place) if place.key.is_empty() && !said.is_whole_bucket => {
                return Err(OptionsError::NoPrefix(place.bucket.clone()));
            }
            Source::Prefix(place) if place.key.is_empty() => {}
            _ if said.is_whole_bucket => return Err(OptionsError::NotWhole),
            _ => {}
        }
        let prefix = match (&source, said.prefix) {
            (Source::Prefix(_), Some(_)) => return Err(OptionsError::PrefixOfSource),
            (Source::Prefix(address), None) => address.key.clone(),
            (Source::Inventory(_), prefix) => prefix.unwrap_or_default(),
        };
        let size_min = size("--min-size", said.size_min)?.unwrap_or(0);
        let size_max = size("--max-size", said.size_max)?.unwrap_or(u64::MAX);
        if size_min > size_max {
            return Err(OptionsError::Sizes);
        }
        if said.suffixes.len() > SUFFIXES_MAX {
            return Err(OptionsError::Suffixes(said.suffixes.len()));
        }
        let since = said.since.map_or(Ok(Since::Ever), since)?;
        let parallel = said.parallel.map_or(Ok(PARALLEL), parallel)?;
        let choice = Choice { prefix, suffixes: said.suffixes, size_min, size_max, since };
        Ok(Self { source, choice, parallel })
    }

    /// Whether ticks with these options and with `other` ones work off the same, whoever does it
    /// and however fast.
    #[must_use]
    pub fn scope(&self) -> String {
        let Choice { prefix, suffixes, size_min, size_max, since } = &self.choice;
        let source = match &self.source {
            Source::Prefix(address) => format!("source {address}"),
            // The next inventory lies under another time.
            Source::Inventory(Address { bucket, key }) => {
                let config = key.rsplitn(3, '/').last().unwrap_or_default();
                format!("inventory s3://{bucket}/{config} prefix {prefix}")
            }
        };
        let since = match since {
            Since::Ever => "ever".to_owned(),
            Since::Previous => "previous".to_owned(),
            Since::At(at) => at.to_string(),
        };
        format!("{source} suffixes {suffixes:?} sizes {size_min} to {size_max} since {since}")
    }
}

impl Said {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, OptionsError> {
        let mut said = Self::default();
        while let Some(word) = words.next() {
            if word == WHOLE_BUCKET {
                said.is_whole_bucket = true;
                continue;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let (option, place) = match name {
                "--source" => ("--source", &mut said.source),
                "--inventory" => ("--inventory", &mut said.inventory),
                "--prefix" => ("--prefix", &mut said.prefix),
                "--min-size" => ("--min-size", &mut said.size_min),
                "--max-size" => ("--max-size", &mut said.size_max),
                "--modified-since" => ("--modified-since", &mut said.since),
                "--parallel" => ("--parallel", &mut said.parallel),
                "--suffix" => {
                    said.suffixes.push(told("--suffix", value.or_else(|| words.next()))?);
                    continue;
                }
                _ => return Err(OptionsError::Unknown(word)),
            };
            if place.replace(told(option, value.or_else(|| words.next()))?).is_some() {
                return Err(OptionsError::Twice(option));
            }
        }
        Ok(said)
    }
}

/// A value, which is neither missing nor empty, nor the next option.
fn told(option: &'static str, value: Option<String>) -> Result<String, OptionsError> {
    value
        .filter(|value| !value.is_empty() && !value.starts_with("--"))
        .ok_or(OptionsError::NoValue(option))
}

fn source(source: Option<String>, inventory: Option<String>) -> Result<Source, OptionsError> {
    let address = |option, text: &str| {
        Address::parse(text).map_err(|error| OptionsError::Address { option, error })
    };
    match (source, inventory) {
        (None, None) => Err(OptionsError::Sources("there is neither")),
        (Some(_), Some(_)) => Err(OptionsError::Sources("there are both")),
        (Some(text), None) => Ok(Source::Prefix(address("--source", &text)?)),
        (None, Some(text)) => {
            let manifest = address("--inventory", &text)?;
            if !manifest.key.ends_with(MANIFEST) {
                return Err(OptionsError::NoManifest(text));
            }
            Ok(Source::Inventory(manifest))
        }
    }
}

fn size(option: &'static str, text: Option<String>) -> Result<Option<u64>, OptionsError> {
    let Some(value) = text else { return Ok(None) };
    let plain = value.parse().ok();
    let size = plain.or_else(|| Bytes::try_from(value.clone()).ok().map(Bytes::get));
    let expected = "a size like 1, 64KiB or 5GiB";
    size.map(Some).ok_or(OptionsError::Value { option, value, expected })
}

fn since(value: String) -> Result<Since, OptionsError> {
    if value == "previous" {
        return Ok(Since::Previous);
    }
    let expected = "previous, or a time like 2026-11-23T00:00:00Z";
    value.parse().map(Since::At).map_err(|_| OptionsError::Value {
        option: "--modified-since",
        value,
        expected,
    })
}

fn parallel(value: String) -> Result<usize, OptionsError> {
    let number = value.parse().ok().filter(|number| (1..=PARALLEL_MAX).contains(number));
    let expected = "a number from 1 to 32";
    number.ok_or(OptionsError::Value { option: "--parallel", value, expected })
}

#[cfg(test)]
mod tests;
