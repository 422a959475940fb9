//! The fastest endpoint there can be: reads a call, waits if told to, and says that all is written.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::apart::{body_of, listen};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 23\r\n\r\n{\"UnprocessedItems\":{}}";

/// Serves until it is ended, each call after that wait.
pub(crate) fn serve(latency_ms: u64) -> std::io::Result<()> {
    let latency = Duration::from_millis(latency_ms);
    listen(move |stream| answer(stream, latency))
}

fn answer(mut stream: TcpStream, latency: Duration) -> std::io::Result<()> {
    let (mut buffer, mut filled) = (vec![0; 1024 * 1024], 0);
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        if body_of(&buffer[..filled]).is_some() {
            filled = 0;
            if !latency.is_zero() {
                thread::sleep(latency);
            }
            stream.write_all(ANSWER)?;
        }
    }
}
