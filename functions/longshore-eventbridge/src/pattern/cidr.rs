//! `{"cidr": "10.0.0.0/24"}`: a block of IPv4 or IPv6 addresses.

use std::net::IpAddr;

/// The addresses that share the first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    base: IpAddr,
    bits: u32,
}

impl Block {
    /// Reads `address/bits`; a block of a single address is refused, as AWS does.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let problem = || format!("`{text}` is not a block such as 10.0.0.0/24 or 2001:db8::/32");
        let (base, bits) = text.split_once('/').ok_or_else(problem)?;
        let base: IpAddr = base.parse().map_err(|_| problem())?;
        let bits: u32 = bits.parse().map_err(|_| problem())?;
        if bits >= width(base) {
            return Err(format!("`cidr` takes fewer than {} mask bits here", width(base)));
        }
        Ok(Self { base, bits })
    }

    /// Whether `text` is an address of the block's own version in it.
    pub(super) fn contains(&self, text: &str) -> bool {
        let Ok(address) = text.parse::<IpAddr>() else { return false };
        let differing = number(address) ^ number(self.base);
        // A shift by the whole width, of a block with no mask bits, leaves no difference.
        let outside = differing.checked_shr(width(self.base) - self.bits).unwrap_or(0);
        address.is_ipv4() == self.base.is_ipv4() && outside == 0
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_the_addresses_of_its_version_that_share_its_bits() {
        for (block, address, inside) in [
            ("10.0.0.77/24", "10.0.0.0", true),
            ("10.0.0.77/24", "10.0.0.255", true),
            ("10.0.0.77/24", "10.0.1.0", false),
            ("10.0.0.0/31", "10.0.0.1", true),
            ("10.0.0.0/31", "10.0.0.2", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "ffff::1", true),
            ("::/0", "1.2.3.4", false),
            ("2001:db8::/127", "2001:db8::2", false),
            ("10.0.0.0/8", "10.0.0", false),
            ("10.0.0.0/8", "host", false),
        ] {
            assert_eq!(Block::parse(block).unwrap().contains(address), inside, "{block} {address}");
        }
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in
            ["10.0.0.0", "10.0.0/8", "10.0.0.0/32", "::/128", "10.0.0.0/-1", "10.0.0.0/x", "/8"]
        {
            assert!(Block::parse(text).is_err(), "{text}");
        }
    }
}
