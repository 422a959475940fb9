//! Keys as S3 writes them where not every character can stand: in XML answers and in inventories.

/// `text` with `%41` as `A` and `+` as a space ("ListObjectsV2", S3 API reference, `encoding-type`;
/// S3 User Guide, "Amazon S3 Inventory list"); nothing if it is not written so.
#[must_use]
pub fn url_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (digit(rest.next()?)? << 4) | digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::url_decoded;

    #[test]
    fn what_was_encoded_comes_back() {
        for (text, key) in [
            ("a/b-c_d.csv", Some("a/b-c_d.csv")),
            ("a+b%20c%2Bd%2bd", Some("a b c+d+d")),
            ("%2541", Some("%41")),
            ("%C5%BC%0A", Some("ż\n")),
            ("", Some("")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%+4", None),
            ("%FF", None),
        ] {
            assert_eq!(url_decoded(text).as_deref(), key, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_key_survives(key in "(?s).*") {
            let encoded: Vec<_> = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(url_decoded(&encoded.concat()), Some(key));
        }
    }
}
