//! Why a command line cannot be carried out, and what to write instead.

use super::SUFFIXES_MAX;
use crate::batch::AddressError;

/// What may be said.
const USAGE: &str = "worker batch --source s3://bucket/prefix/ | --source s3://bucket/ --whole-bucket | --inventory s3://bucket/…/manifest.json [--prefix P] \
     [--suffix .csv]… [--min-size 1] [--max-size 5GiB] [--modified-since previous|RFC3339] [--parallel 4]";

/// The words do not say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A word that means nothing.
    #[error("`{0}` is unknown; write {USAGE}")]
    Unknown(String),
    /// An option at the end.
    #[error("{0} says nothing; write a value behind it")]
    NoValue(&'static str),
    /// An option that only one value can have.
    #[error("{0} is there twice; write it once")]
    Twice(&'static str),
    /// Neither, or both.
    #[error("{0} of --source and --inventory; write {USAGE}")]
    Sources(&'static str),
    /// No place.
    #[error("{option}: {error}")]
    Address {
        /// Which option.
        option: &'static str,
        /// What is wrong.
        error: AddressError,
    },
    /// Nothing follows `s3://bucket/`.
    #[error(
        "--source: s3://{0}/ has an empty prefix, and would be every object of the bucket; write \
         s3://{0}/prefix/, or add --whole-bucket if all of it is meant"
    )]
    NoPrefix(String),
    /// All, and not all.
    #[error(
        "--whole-bucket is for --source with an empty prefix; write --source s3://bucket/ \
         --whole-bucket, or leave --whole-bucket out"
    )]
    NotWhole,
    /// Another object than a manifest.
    #[error(
        "--inventory: `{0}` is no manifest; write s3://bucket/…/source-bucket/config/time/manifest.json"
    )]
    NoManifest(String),
    /// The source has one.
    #[error(
        "--prefix is for --inventory; write the prefix into --source, like s3://bucket/prefix/"
    )]
    PrefixOfSource,
    /// A value that makes no sense.
    #[error("{option} is `{value}`; write {expected}")]
    Value {
        /// Which option.
        option: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        expected: &'static str,
    },
    /// Nothing is between.
    #[error(
        "--min-size is above --max-size, and no object has such a size; write the smaller first"
    )]
    Sizes,
    /// Too long a list.
    #[error("--suffix is there {0} times, and {SUFFIXES_MAX} are compared; write fewer")]
    Suffixes(usize),
}
