//! The files through which a command learns what to work on, and says how it went.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use longshore::{
    run::{RESULT_FILE_BYTES_MAX, ResultFile},
    trigger::ObjectVersion,
};
use tempfile::{Builder, TempDir};
use tracing::warn;

/// A directory of this run alone, gone with it.
#[derive(Debug)]
pub(crate) struct Files {
    dir: TempDir,
    name: &'static str,
}

/// The input cannot be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write the input file below `{}`: {source}; name a directory that the container may \
     write, such as the mount point of a volume, in LONGSHORE_INPUT_DIR",
    within.display()
)]
pub(crate) struct FilesError {
    within: PathBuf,
    #[source]
    source: io::Error,
}

impl Files {
    /// Writes `objects`, one JSON object a line.
    pub(crate) fn write(within: &Path, objects: &[ObjectVersion]) -> Result<Self, FilesError> {
        let mut lines = Vec::new();
        for object in objects {
            let written = serde_json::to_writer(&mut lines, object);
            written
                .map_err(|error| FilesError { within: within.to_owned(), source: error.into() })?;
            lines.push(b'\n');
        }
        Self::of(within, "input.ndjson", &lines)
    }

    /// Writes the body of a message as it is.
    pub(crate) fn of_message(within: &Path, body: &str) -> Result<Self, FilesError> {
        Self::of(within, "message", body.as_bytes())
    }

    fn of(within: &Path, name: &'static str, bytes: &[u8]) -> Result<Self, FilesError> {
        let wrap = |source| FilesError { within: within.to_owned(), source };
        // An image may have no directory for temporary files.
        fs::create_dir_all(within).map_err(wrap)?;
        let private = Permissions::from_mode(0o700);
        let dir = Builder::new().prefix("longshore-").permissions(private).tempdir_in(within);
        let dir = dir.map_err(wrap)?;
        let files = Self { dir, name };
        File::create(files.input()).and_then(|mut file| file.write_all(bytes)).map_err(wrap)?;
        Ok(files)
    }

    /// Where the objects are, or the message.
    pub(crate) fn input(&self) -> PathBuf {
        self.dir.path().join(self.name)
    }

    /// Where the command may say how it went.
    pub(crate) fn result_path(&self) -> PathBuf {
        self.dir.path().join("result.json")
    }

    /// What the command said; nothing if it said nothing, or nothing that can be kept.
    pub(crate) fn result(&self) -> ResultFile {
        let path = self.result_path();
        // A pipe would never end, and a link leads elsewhere.
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return ResultFile::default(),
            Ok(_) => return unread(&"is not a file"),
            Err(error) => return unread(&error),
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(RESULT_FILE_BYTES_MAX).unwrap_or(u64::MAX);
        let file = File::open(path).map(|file| file.take(limit.saturating_add(1)));
        if let Err(error) = file.and_then(|mut file| file.read_to_end(&mut bytes)) {
            return unread(&error);
        }
        ResultFile::parse(&bytes).unwrap_or_else(|error| unread(&error))
    }
}

fn unread(why: &dyn std::fmt::Display) -> ResultFile {
    warn!("LONGSHORE_RESULT_FILE {why}: it is ignored");
    ResultFile::default()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use longshore::config::Variables;

    use super::{super::inputs::named, *};

    fn files(within: &Path, variables: &[(&str, &str)]) -> Files {
        let owned = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Files::write(within, &named(&owned.collect::<Variables>()).objects).unwrap()
    }

    #[test]
    fn the_input_is_one_object_a_line_and_nobody_elses() {
        let within = tempfile::tempdir().unwrap();
        let nested = within.path().join("not/there/yet");
        let object = [
            ("LONGSHORE_BUCKET", "b"),
            ("LONGSHORE_KEY", "a \"b\"\n.csv"),
            ("LONGSHORE_VERSION_ID", "v"),
            ("LONGSHORE_SIZE", "12"),
        ];
        let one = files(&nested, &object);
        expect_test::expect![[r#"
            {"bucket":"b","key":"a \"b\"\n.csv","versionId":"v","size":12}
        "#]]
        .assert_eq(&fs::read_to_string(one.input()).unwrap());
        let mode = fs::metadata(one.dir.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let dir = one.dir.path().to_owned();
        drop(one);
        assert!(!dir.exists(), "it goes with the run");
        let none = files(&nested, &[]);
        assert_eq!(fs::read(none.input()).unwrap(), b"", "a run without objects");
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_named_with_what_to_do() {
        let within = tempfile::NamedTempFile::new().unwrap();
        let error = Files::write(within.path(), &[]).unwrap_err().to_string();
        assert!(error.contains(within.path().to_str().unwrap()), "{error}");
        assert!(error.contains("LONGSHORE_INPUT_DIR"), "{error}");
    }

    #[test]
    fn a_result_that_cannot_be_read_is_no_result() {
        let within = tempfile::tempdir().unwrap();
        let result = |write: &dyn Fn(&Path)| {
            let files = files(within.path(), &[]);
            write(&files.result_path());
            files.result()
        };
        assert_eq!(result(&|_| {}), ResultFile::default());
        assert_eq!(result(&|path| fs::write(path, r#"{"reason": "no"}"#).unwrap()).reason, "no");
        assert_eq!(result(&|path| fs::write(path, "no").unwrap()), ResultFile::default());
        assert_eq!(result(&|path| fs::create_dir(path).unwrap()), ResultFile::default());
        let secret = within.path().join("secret");
        fs::write(&secret, r#"{"reason": "secret"}"#).unwrap();
        assert_eq!(result(&|path| symlink(&secret, path).unwrap()), ResultFile::default());
    }
}
