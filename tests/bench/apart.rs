//! A client and its endpoint in processes of their own, so that the client is measured alone.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use longshore::config::Variables;

/// First word of the arguments of a benchmark that is to be the endpoint.
pub(crate) const ENDPOINT: &str = "endpoint";

/// This benchmark once more, as the endpoint of that `number`, and where it listens.
pub(crate) fn spawn_endpoint(number: u64) -> Result<(Child, String), Box<dyn std::error::Error>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([ENDPOINT, &number.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut url = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut url)?;
    Ok((child, url.trim().to_owned()))
}

/// What a client of the endpoint at `url` is configured with.
pub(crate) fn variables(url: &str) -> Variables {
    [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// User and system time of this process, which the kernel counts in hundredths of a second.
pub(crate) fn cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|tick| tick.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Listens, prints where, and has `answer` serve each connection until the process is ended.
#[expect(clippy::print_stdout, reason = "the parent reads where we listen")]
pub(crate) fn listen<F>(answer: F) -> std::io::Result<()>
where
    F: Fn(TcpStream) -> std::io::Result<()> + Clone + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, answer) = (stream?, answer.clone());
        stream.set_nodelay(true)?;
        thread::spawn(move || answer(stream));
    }
    Ok(())
}

/// Where the body begins of a call that is there as a whole; the client waits for the answer
/// before the next.
pub(crate) fn body_of(call: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(call, b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&call[..head]).to_ascii_lowercase();
    let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    (call.len() >= head + length).then_some(head)
}
