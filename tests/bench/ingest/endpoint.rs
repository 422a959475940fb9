//! The fastest endpoint there can be: reads a call, waits if told to, and says that all is written.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 23\r\n\r\n{\"UnprocessedItems\":{}}";

/// Listens, prints where, and serves until it is ended.
#[expect(clippy::print_stdout, reason = "the parent reads where we listen")]
pub(crate) fn serve(latency_ms: u64) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        stream.set_nodelay(true)?;
        thread::spawn(move || answer(stream, Duration::from_millis(latency_ms)));
    }
    Ok(())
}

fn answer(mut stream: TcpStream, latency: Duration) -> std::io::Result<()> {
    let (mut buffer, mut filled) = (vec![0; 1024 * 1024], 0);
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        if is_whole(&buffer[..filled]) {
            filled = 0;
            if !latency.is_zero() {
                thread::sleep(latency);
            }
            stream.write_all(ANSWER)?;
        }
    }
}

/// Whether a call with its whole body is there; the client waits for the answer before the next.
fn is_whole(call: &[u8]) -> bool {
    let Some(head) = memchr::memmem::find(call, b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&call[..head]).to_ascii_lowercase();
    let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    call.len() >= head + 4 + length
}
