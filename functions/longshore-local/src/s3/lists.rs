//! The operations that list keys and versions.

use std::{ops::Bound, sync::Arc};

use data_encoding::BASE64URL_NOPAD;
use s3s::{S3Response, S3Result, dto, s3_error};

use super::{
    answers,
    bucket::Bucket,
    front::Front,
    listing::{Ask, Entry, Page, page},
    names::Names,
    version::Version,
};

/// Entries of a page (`ListObjectsV2`, S3 API reference).
const PAGE_ENTRIES_MAX: i32 = 1_000;

/// One page of the objects of a bucket.
struct Objects {
    contents: Vec<dto::Object>,
    prefixes: Vec<dto::CommonPrefix>,
    is_truncated: bool,
    /// Where the page ends: a key or a common prefix.
    last: Option<String>,
}

impl Front {
    pub(super) fn list_v2(
        &self,
        input: dto::ListObjectsV2Input,
    ) -> S3Result<S3Response<dto::ListObjectsV2Output>> {
        let names = Names::asked(input.encoding_type.as_ref());
        let max = page_size(input.max_keys)?;
        let after = match &input.continuation_token {
            Some(token) => Some(position(token)?),
            None => input.start_after.clone(),
        };
        let ask = Ask {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: after.as_deref().unwrap_or_default(),
            max: usize::try_from(max).unwrap_or(0),
        };
        let found = self.buckets.look(&input.bucket, |bucket| objects(bucket, ask, &names))?;
        let next = found.last.filter(|_| found.is_truncated);
        Ok(S3Response::new(dto::ListObjectsV2Output {
            key_count: i32::try_from(found.contents.len() + found.prefixes.len()).ok(),
            max_keys: Some(max),
            is_truncated: Some(found.is_truncated),
            next_continuation_token: next.map(|last| BASE64URL_NOPAD.encode(last.as_bytes())),
            contents: Some(found.contents),
            common_prefixes: Some(found.prefixes),
            prefix: Some(names.write(ask.prefix)),
            delimiter: names.write_some(input.delimiter.as_ref()),
            start_after: names.write_some(input.start_after.as_ref()),
            continuation_token: input.continuation_token,
            encoding_type: names.encoding(),
            name: Some(input.bucket),
            ..Default::default()
        }))
    }

    pub(super) fn list_v1(
        &self,
        input: dto::ListObjectsInput,
    ) -> S3Result<S3Response<dto::ListObjectsOutput>> {
        let names = Names::asked(input.encoding_type.as_ref());
        let max = page_size(input.max_keys)?;
        let ask = Ask {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: input.marker.as_deref().unwrap_or_default(),
            max: usize::try_from(max).unwrap_or(0),
        };
        let found = self.buckets.look(&input.bucket, |bucket| objects(bucket, ask, &names))?;
        // Only a listing that rolls up says where the next page begins (ListObjects, S3 API
        // reference); in others it begins behind the last key.
        let next = found.last.filter(|_| found.is_truncated && !ask.delimiter.is_empty());
        Ok(S3Response::new(dto::ListObjectsOutput {
            max_keys: Some(max),
            is_truncated: Some(found.is_truncated),
            next_marker: names.write_some(next.as_ref()),
            contents: Some(found.contents),
            common_prefixes: Some(found.prefixes),
            prefix: Some(names.write(ask.prefix)),
            marker: Some(names.write(ask.after)),
            delimiter: names.write_some(input.delimiter.as_ref()),
            encoding_type: names.encoding(),
            name: Some(input.bucket),
            ..Default::default()
        }))
    }

    pub(super) fn list_versions(
        &self,
        input: dto::ListObjectVersionsInput,
    ) -> S3Result<S3Response<dto::ListObjectVersionsOutput>> {
        let names = Names::asked(input.encoding_type.as_ref());
        let max = page_size(input.max_keys)?;
        let ask = Ask {
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: input.key_marker.as_deref().unwrap_or_default(),
            max: usize::try_from(max).unwrap_or(0),
        };
        let behind = input.version_id_marker.as_deref();
        let found = self.buckets.look(&input.bucket, |bucket| versions(bucket, ask, behind))?;
        let mut output = dto::ListObjectVersionsOutput {
            max_keys: Some(max),
            is_truncated: Some(found.is_truncated),
            prefix: Some(names.write(ask.prefix)),
            key_marker: Some(names.write(ask.after)),
            delimiter: names.write_some(input.delimiter.as_ref()),
            encoding_type: names.encoding(),
            ..Default::default()
        };
        if found.is_truncated {
            let (key, id) = match found.entries.last() {
                Some(Entry::Item((version, _))) => {
                    (Some(&version.key), Some(version.id_text().to_owned()))
                }
                Some(Entry::Prefix(prefix)) => (Some(prefix), None),
                None => (None, None),
            };
            output.next_key_marker = names.write_some(key);
            output.next_version_id_marker = id;
        }
        write_versions(&mut output, found, &names);
        output.version_id_marker = input.version_id_marker;
        output.name = Some(input.bucket);
        Ok(S3Response::new(output))
    }
}

fn page_size(asked: Option<i32>) -> S3Result<i32> {
    match asked.unwrap_or(PAGE_ENTRIES_MAX) {
        ..0 => Err(s3_error!(InvalidArgument, "max-keys must not be negative")),
        size => Ok(size.min(PAGE_ENTRIES_MAX)),
    }
}

fn position(token: &str) -> S3Result<String> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

/// Where in the order of keys a listing begins.
fn begin(ask: Ask<'_>, includes_after: bool) -> Bound<&str> {
    if ask.after < ask.prefix || ask.after.is_empty() || includes_after {
        Bound::Included(ask.after.max(ask.prefix))
    } else {
        Bound::Excluded(ask.after)
    }
}

fn objects(bucket: &Bucket, ask: Ask<'_>, names: &Names) -> Objects {
    let items = bucket.objects.range::<str, _>((begin(ask, false), Bound::Unbounded)).filter_map(
        |(key, versions)| {
            let newest = versions.last().filter(|version| version.content.is_some())?;
            Some((key.as_str(), newest))
        },
    );
    let page = page(items, ask);
    let last = page.entries.last().map(|entry| match entry {
        Entry::Item(version) => version.key.clone(),
        Entry::Prefix(prefix) => prefix.clone(),
    });
    let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Item(version) => {
                contents.push(answers::listed(version, names.write(&version.key)));
            }
            Entry::Prefix(prefix) => prefixes.push(rolled_up(&prefix, names)),
        }
    }
    Objects { contents, prefixes, is_truncated: page.is_truncated, last }
}

fn rolled_up(prefix: &str, names: &Names) -> dto::CommonPrefix {
    dto::CommonPrefix { prefix: Some(names.write(prefix)) }
}

/// Versions by key, newest first, each with whether it is the newest; behind version `behind` of
/// the key where the page before ended, or behind all of that key.
fn versions(bucket: &Bucket, ask: Ask<'_>, behind: Option<&str>) -> Page<(Arc<Version>, bool)> {
    let items =
        bucket.objects.range::<str, _>((begin(ask, behind.is_some()), Bound::Unbounded)).flat_map(
            |(key, versions)| {
                let skip = match behind {
                    Some(id) if key == ask.after => {
                        let place = versions.iter().rev().position(|it| it.id_text() == id);
                        place.map_or(versions.len(), |place| place + 1)
                    }
                    _ => 0,
                };
                let newest = versions.len() - 1;
                versions.iter().enumerate().rev().skip(skip).map(move |(index, version)| {
                    (key.as_str(), (Arc::clone(version), index == newest))
                })
            },
        );
    page(items, ask)
}

fn write_versions(
    output: &mut dto::ListObjectVersionsOutput,
    page: Page<(Arc<Version>, bool)>,
    names: &Names,
) {
    let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(rolled_up(&prefix, names)),
            Entry::Item((version, is_latest)) => {
                let name = names.write(&version.key);
                match &version.content {
                    Some(content) => {
                        versions.push(answers::listed_version(&version, content, name, is_latest));
                    }
                    None => markers.push(answers::listed_marker(&version, name, is_latest)),
                }
            }
        }
    }
    output.versions = Some(versions);
    output.delete_markers = Some(markers);
    output.common_prefixes = Some(prefixes);
}
