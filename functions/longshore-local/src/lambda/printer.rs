//! Where a function's output goes: its log file, and whoever listens.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::{Ground, Happening};

/// Bytes of a line before it is split, the largest event of CloudWatch Logs (256 KiB).
const LINE_BYTES_MAX: u64 = 262_144;

/// Writes one function's lines to `logs/FUNCTION.log` and tells them.
#[derive(Clone, Debug)]
pub(super) struct Printer {
    ground: Ground,
    function: Arc<str>,
    log: Arc<Mutex<File>>,
}

impl Printer {
    /// Opens the function's log, which grows over restarts.
    pub(super) fn open(ground: &Ground, function: &str) -> io::Result<Self> {
        let logs = ground.store.dir().join("logs");
        std::fs::create_dir_all(&logs)?;
        let path = logs.join(format!("{function}.log"));
        let log = File::options().create(true).append(true).open(path)?;
        Ok(Self {
            ground: ground.clone(),
            function: function.into(),
            log: Arc::new(Mutex::new(log)),
        })
    }

    /// Prints every line of `output` until it ends.
    pub(super) async fn print(self, output: impl AsyncRead + Unpin) {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = (&mut output).take(LINE_BYTES_MAX);
            match limited.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => self.line(&line),
            }
        }
    }

    fn line(&self, bytes: &[u8]) {
        let line = String::from_utf8_lossy(bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not stop the function; the line is still told.
        drop(log.write_all(format!("{line}\n").as_bytes()));
        drop(log);
        self.ground
            .tell(Happening::Printed { from: self.function.as_ref().into(), line: line.into() });
    }
}
