//! Where uploads in parts are kept until they are completed or aborted.

use std::{collections::BTreeMap, path::Path};

use s3s::{S3Result, s3_error};

use super::{
    body,
    draft::Body,
    identity::{file_name, opaque_id},
    refusal,
    store::{Buckets, Found, State},
    upload::{PART, Part, UPLOAD, Upload, UploadRow, assembled, part_key},
    write::Assembled,
};
use crate::Change;

/// Numbers of parts ("Amazon S3 multipart upload limits", S3 user guide).
const PART_NUMBER_MAX: i32 = 10_000;

/// All that a completion needs.
#[derive(Debug)]
pub(super) struct Assembly {
    pub(super) row: UploadRow,
    pub(super) assembled: Assembled,
    pub(super) files: Vec<std::fs::File>,
}

impl State {
    pub(super) fn upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<&Upload> {
        self.uploads
            .get(id)
            .filter(|upload| upload.row.bucket == bucket && upload.row.key == key)
            .ok_or_else(refusal::no_such_upload)
    }

    /// The changes that end the rows of an upload.
    pub(super) fn end_upload(&self, id: &str) -> S3Result<Vec<Change>> {
        let upload = self.uploads.get(id).ok_or_else(refusal::no_such_upload)?;
        let parts = upload.parts.keys().map(|number| Change::delete(PART, part_key(id, *number)));
        Ok(parts.chain([Change::delete(UPLOAD, id)]).collect())
    }

    /// Ends an upload in memory, and its files; remembers what it made.
    pub(super) fn forget_upload(&mut self, id: &str, made: &Found, dir: &Path) {
        self.drop_upload(id, dir);
        self.completed.remember(id, made.clone());
    }

    fn drop_upload(&mut self, id: &str, dir: &Path) {
        for file in self.uploads.remove(id).iter().flat_map(Upload::files) {
            body::discard(&dir.join(file));
        }
    }
}

impl Buckets {
    /// Begins an upload and gives its id.
    pub(super) fn begin_upload(&self, row: UploadRow) -> S3Result<String> {
        let mut state = self.lock();
        state.bucket(&row.bucket)?;
        let id = opaque_id();
        self.write(&[Change::put(UPLOAD, &id, &row)])?;
        state.uploads.insert(id.clone(), Upload { row, parts: BTreeMap::new() });
        Ok(id)
    }

    /// A look at an upload that goes on.
    pub(super) fn upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<Upload> {
        let state = self.lock();
        state.bucket(bucket)?;
        state.upload(id, bucket, key).cloned()
    }

    /// Stores a part; one with the same number is replaced.
    pub(super) fn put_part(
        &self,
        (id, bucket, key): (&str, &str, &str),
        number: i32,
        body: Body,
    ) -> S3Result<Part> {
        if !(1..=PART_NUMBER_MAX).contains(&number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            ));
        }
        let mut state = self.lock();
        state.upload(id, bucket, key)?;
        let part = Part {
            file: file_name(),
            size: body.size,
            md5: body.md5,
            sum: body.sum.clone(),
            modified: self.now(),
        };
        let file = self.dir().join(&part.file);
        body.keep(self.dir(), &part.file)?;
        if let Err(error) = self.write(&[Change::put(PART, part_key(id, number), &part)]) {
            body::discard(&file);
            return Err(error);
        }
        let upload = state.uploads.get_mut(id).ok_or_else(refusal::no_such_upload)?;
        if let Some(replaced) = upload.parts.insert(number, part.clone()) {
            body::discard(&self.dir().join(replaced.file));
        }
        Ok(part)
    }

    /// Ends an upload without an object.
    pub(super) fn abort_upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<()> {
        let mut state = self.lock();
        state.upload(id, bucket, key)?;
        self.write(&state.end_upload(id)?)?;
        state.drop_upload(id, self.dir());
        Ok(())
    }

    /// What an upload made that was completed before.
    pub(super) fn completed(&self, id: &str) -> Option<Found> {
        self.lock().completed.made_by(id).cloned()
    }

    /// Opens the parts that a completion names.
    pub(super) fn assemble(
        &self,
        (id, bucket, key): (&str, &str, &str),
        wanted: &[(i32, Option<String>)],
    ) -> S3Result<Assembly> {
        let state = self.lock();
        let upload = state.upload(id, bucket, key)?;
        let parts = upload.select(wanted)?;
        let files = parts.iter().map(|part| std::fs::File::open(self.dir().join(&part.file)));
        let files = files.collect::<Result<_, _>>().map_err(refusal::disk)?;
        let assembled = assembled(id, &upload.row, &parts);
        Ok(Assembly { row: upload.row.clone(), assembled, files })
    }
}
