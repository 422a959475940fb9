//! Where a container's lines go: a log file, and whoever listens.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::{Ground, Happening};

/// Longest line in bytes; a longer one is cut into several, as Docker does.
const LINE_BYTES_MAX: u64 = 16 * 1024;

/// Writes one container's lines.
#[derive(Debug)]
pub(crate) struct Lines {
    ground: Ground,
    from: String,
    log: File,
}

impl Lines {
    /// Opens `logs/<family>/<container>/<task id>.log` in the data directory.
    pub(crate) fn open(
        ground: &Ground,
        family: &str,
        container: &str,
        task_id: &str,
    ) -> io::Result<Self> {
        let dir = ground.store.dir().join("logs").join(family).join(container);
        fs::create_dir_all(&dir)?;
        let path = dir.join(format!("{task_id}.log"));
        let log = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { ground: ground.clone(), from: format!("{family}/{container}"), log })
    }

    /// Carries everything from `output` until it ends.
    pub(crate) async fn carry(&self, output: impl AsyncRead + Unpin) {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut output).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await;
            if !matches!(read, Ok(1..)) {
                return;
            }
            self.write(&mut line);
        }
    }

    fn write(&self, line: &mut Vec<u8>) {
        if line.last() != Some(&b'\n') {
            line.push(b'\n');
        }
        if let Err(error) = (&self.log).write_all(line) {
            tracing::warn!(from = self.from, %error, "a line could not be written to its log");
        }
        let text = String::from_utf8_lossy(line);
        let line = text.trim_end_matches(['\n', '\r']).to_owned();
        self.ground.tell(Happening::Printed { from: self.from.clone(), line });
    }
}
