//! Ids that Lambda makes up: requests, log streams, traces.

use data_encoding::HEXLOWER;

use crate::Clock;

/// A random (version 4) UUID.
pub(super) fn request_id() -> String {
    let mut bytes = random::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// An X-Ray trace header that asks for no sampling.
pub(super) fn trace_id() -> String {
    let (root, parent) = (HEXLOWER.encode(&random::<12>()), HEXLOWER.encode(&random::<8>()));
    let secs = Clock::system().now().as_second();
    format!("Root=1-{secs:08x}-{root};Parent={parent};Sampled=0")
}

/// A log stream's name, as Lambda forms it from the day, the version and the instance.
pub(super) fn log_stream(clock: Clock) -> String {
    let instance = HEXLOWER.encode(&random::<16>());
    format!("{}/[$LATEST]{instance}", clock.now().strftime("%Y/%m/%d"))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without the system's randomness ids repeat, which a laptop survives.
    getrandom::fill(&mut bytes).ok();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_version_4_uuid() {
        let id = request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "4");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"));
        assert_ne!(id, request_id());
    }
}
