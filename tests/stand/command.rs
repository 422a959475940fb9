//! What people and the clock do: the `longshore` command against the stand, and the sweep.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Output},
};

use serde_json::Value;

use super::{Stand, Wire};

/// The command as users have it.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_longshore-under-test");

/// What the command answered.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// What it printed, as it succeeded.
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// Its JSON, as it succeeded.
    pub(crate) fn json(self) -> Value {
        let text = self.well();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

impl Stand {
    /// Runs `longshore` with these arguments, as a user of this stand would.
    pub(crate) fn longshore(&self, arguments: &[&str]) -> Said {
        longshore_at(&self.dev.endpoint, self.dev.clock.as_deref(), arguments)
    }

    /// Sweeps now instead of at the next minute; the function's answer.
    pub(crate) fn sweep(&self) -> String {
        tokio::task::block_in_place(|| {
            self.invoke("longshore-ObserverFunction", r#"{"sweep":true}"#)
        })
    }

    /// Lambda's Invoke. A function that is killed meanwhile answers too.
    fn invoke(&self, function: &str, payload: &str) -> String {
        let host = self.dev.endpoint.strip_prefix("http://").unwrap();
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let length = payload.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let mut answer = String::new();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all((head + payload).as_bytes()).unwrap();
        // Of a stand that is killed nothing comes back.
        drop(stream.read_to_string(&mut answer));
        answer
    }
}

impl Wire {
    /// Runs `longshore` on this wire.
    pub(crate) fn longshore(&self, arguments: &[&str]) -> Said {
        longshore_at(self.endpoint(), None, arguments)
    }
}

fn longshore_at(endpoint: &str, clock: Option<&str>, arguments: &[&str]) -> Said {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).envs([
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]);
    command.envs(clock.map(|clock| ("LONGSHORE_CLOCK", clock)));
    Said::of(&tokio::task::block_in_place(|| command.output().unwrap()))
}
