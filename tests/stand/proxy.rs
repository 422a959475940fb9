//! A wire between a process and the embedded AWS that is cut at a named call, and the process with
//! it: a crash exactly before an effect, or exactly after it.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use rustix::process::Signal;

use super::{kill, pids_with};

/// What becomes of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It dies before the effect of its call.
    DiesBefore,
    /// It dies after the effect, without an answer.
    DiesAfter,
    /// It lives, and its connection is reset after the effect.
    HearsNothing,
}

/// A wire that is cut once.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    endpoint: String,
    cut: Arc<Cut>,
}

#[derive(Debug)]
struct Cut {
    upstream: OnceLock<String>,
    /// Last part of the `X-Amz-Target`.
    action: &'static str,
    fate: Fate,
    /// Whether calls count by now.
    counts: AtomicBool,
    /// Calls of the action until it is cut; 0 when it was.
    left: AtomicUsize,
}

impl Wire {
    /// A wire that is cut at the `nth` call of `action`, from 1, once calls count.
    pub(crate) fn cut_at(action: &'static str, nth: usize, fate: Fate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let left = AtomicUsize::new(nth);
        let (upstream, counts) = (OnceLock::new(), AtomicBool::new(false));
        let cut = Arc::new(Cut { upstream, action, fate, counts, left });
        let wire = Self { endpoint, cut };
        let of_thread = wire.clone();
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let wire = of_thread.clone();
                std::thread::spawn(move || wire.carry(stream));
            }
        });
        wire
    }

    /// Where the wire answers.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Words before a command that put its process on the wire.
    pub(crate) fn words(&self) -> String {
        format!("env AWS_ENDPOINT_URL={}", self.endpoint)
    }

    /// Where the wire leads.
    pub(crate) fn leads_to(&self, endpoint: &str) {
        self.cut.upstream.set(endpoint.strip_prefix("http://").unwrap().to_owned()).unwrap();
    }

    /// Calls count from now on.
    pub(crate) fn counts(&self) {
        self.cut.counts.store(true, Ordering::SeqCst);
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.cut.left.load(Ordering::SeqCst) == 0
    }

    /// Carries the calls of one connection until it is closed.
    fn carry(&self, mut stream: TcpStream) {
        while let Some(request) = read_request(&mut stream) {
            let fate = self.is_cut_by(&request).then_some(self.cut.fate);
            if fate == Some(Fate::DiesBefore) {
                return self.end_callers();
            }
            let Some(answer) = self.answer(&request) else { return };
            match fate {
                Some(Fate::HearsNothing) => return,
                Some(_) => return self.end_callers(),
                None => {}
            }
            if stream.write_all(&answer).is_err() {
                return;
            }
            // The answer said that the connection is closed with it.
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    fn is_cut_by(&self, request: &[u8]) -> bool {
        let target = header(request, "x-amz-target").unwrap_or_default();
        let is_counted = self.cut.counts.load(Ordering::SeqCst);
        if !is_counted || target.rsplit('.').next() != Some(self.cut.action) {
            return false;
        }
        let count = |left: usize| left.checked_sub(1);
        self.cut.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(1)
    }

    /// Kills every process on the wire.
    fn end_callers(&self) {
        for pid in pids_with(&format!("AWS_ENDPOINT_URL={}", self.endpoint)) {
            kill(pid, Signal::KILL);
        }
    }

    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut upstream = TcpStream::connect(self.cut.upstream.wait()).ok()?;
        let end = request.windows(2).position(|two| two == b"\r\n")?;
        upstream.write_all(&request[..end]).ok()?;
        upstream.write_all(b"\r\nconnection: close").ok()?;
        upstream.write_all(&request[end..]).ok()?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).ok()?;
        Some(answer)
    }
}

/// One request with its body; nothing at the end of the connection.
fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut piece = [0; 16_384];
    loop {
        if let Some(head) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            let length = header(&request, "content-length").map_or(0, |it| it.parse().unwrap());
            if request.len() >= head + 4 + length {
                return Some(request);
            }
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

fn header(request: &[u8], name: &str) -> Option<String> {
    let head = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(request.len());
    let head = String::from_utf8_lossy(&request[..head]);
    let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned())
}
