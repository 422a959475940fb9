//! The checksums of bodies, by which clients know that nothing was lost on the way.

use data_encoding::BASE64;
use s3s::{
    checksum::ChecksumHasher,
    crypto::{Crc32, Crc32c, Crc64Nvme, Sha1, Sha256},
    dto,
};
use serde::{Deserialize, Serialize};

/// How a checksum is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// A checksum in base64; that of a composite one ends in `-` and the number of parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    pub(super) algorithm: Algorithm,
    pub(super) value: String,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// As in `x-amz-checksum-algorithm`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header or trailer that carries it, in small letters.
    pub(super) fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_ascii_lowercase())
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Computes it while bytes pass.
    pub(super) fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        match self {
            Self::Crc32 => hasher.crc32 = Some(Crc32::default()),
            Self::Crc32c => hasher.crc32c = Some(Crc32c::default()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Crc64Nvme::default()),
            Self::Sha1 => hasher.sha1 = Some(Sha1::default()),
            Self::Sha256 => hasher.sha256 = Some(Sha256::default()),
        }
        hasher
    }
}

/// The one checksum that `hasher` computed.
pub(super) fn finish(hasher: ChecksumHasher) -> Option<Sum> {
    Sum::of(&hasher.finalize())
}

impl Sum {
    /// The one checksum that is set.
    pub(super) fn of(sums: &dto::Checksum) -> Option<Self> {
        let value = |algorithm| match algorithm {
            Algorithm::Crc32 => sums.checksum_crc32.clone(),
            Algorithm::Crc32c => sums.checksum_crc32c.clone(),
            Algorithm::Crc64Nvme => sums.checksum_crc64nvme.clone(),
            Algorithm::Sha1 => sums.checksum_sha1.clone(),
            Algorithm::Sha256 => sums.checksum_sha256.clone(),
        };
        Algorithm::ALL
            .into_iter()
            .find_map(|algorithm| value(algorithm).map(|value| Self { algorithm, value }))
    }

    /// The checksum over the checksums of parts; none if a part has none or another kind.
    pub(super) fn composite(parts: &[Option<Sum>]) -> Option<Self> {
        let algorithm = parts.first()?.as_ref()?.algorithm;
        let mut hasher = algorithm.hasher();
        for part in parts {
            let part = part.as_ref().filter(|part| part.algorithm == algorithm)?;
            hasher.update(&BASE64.decode(part.value.as_bytes()).ok()?);
        }
        let whole = finish(hasher)?;
        Some(Self { value: format!("{}-{}", whole.value, parts.len()), ..whole })
    }

    /// In the members that every answer of S3 has for it.
    pub(super) fn members(&self) -> dto::Checksum {
        let mut members = dto::Checksum::default();
        let kind = if self.value.contains('-') {
            dto::ChecksumType::COMPOSITE
        } else {
            dto::ChecksumType::FULL_OBJECT
        };
        members.checksum_type = Some(dto::ChecksumType::from_static(kind));
        let value = Some(self.value.clone());
        match self.algorithm {
            Algorithm::Crc32 => members.checksum_crc32 = value,
            Algorithm::Crc32c => members.checksum_crc32c = value,
            Algorithm::Crc64Nvme => members.checksum_crc64nvme = value,
            Algorithm::Sha1 => members.checksum_sha1 = value,
            Algorithm::Sha256 => members.checksum_sha256 = value,
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum_of(algorithm: Algorithm, bytes: &[u8]) -> Sum {
        let mut hasher = algorithm.hasher();
        hasher.update(bytes);
        finish(hasher).unwrap()
    }

    #[test]
    fn published_check_values_of_123456789() {
        let cases = [
            (Algorithm::Crc32, "y/Q5Jg=="),
            (Algorithm::Crc32c, "4waSgw=="),
            (Algorithm::Crc64Nvme, "rosUhgp5mIg="),
            (Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (Algorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ];
        for (algorithm, value) in cases {
            let expected = Sum { algorithm, value: value.into() };
            assert_eq!(sum_of(algorithm, b"123456789"), expected);
        }
    }

    #[test]
    fn a_composite_counts_its_parts_and_needs_them_all() {
        let one = Some(sum_of(Algorithm::Crc32, b"one"));
        let two = Some(sum_of(Algorithm::Crc32, b"two"));
        let sum = Sum::composite(&[one.clone(), two]).unwrap();
        assert!(sum.value.ends_with("==-2"), "{}", sum.value);
        assert_eq!(sum.members().checksum_type.unwrap().as_str(), "COMPOSITE");
        assert_eq!(Sum::composite(&[one.clone(), None]), None);
        assert_eq!(Sum::composite(&[one, Some(sum_of(Algorithm::Sha1, b"two"))]), None);
    }
}
