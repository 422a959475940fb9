//! What looks like a secret in an environment variable, where everybody who may look can read it.

/// Names one of whose words, between `_`, says that the value is a secret.
const WORDS: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
];
/// What comes before `KEY` in the name of a secret.
const KEYS: [&str; 4] = ["API", "PRIVATE", "ACCESS", "ENCRYPTION"];
/// Last words of names that tell about a secret and are none themselves, such as `TOKEN_URL`.
const ABOUT: [&str; 15] = [
    "ARN", "NAME", "ID", "URL", "URI", "ENDPOINT", "HOST", "FILE", "PATH", "DIR", "BUCKET",
    "TABLE", "TYPE", "VERSION", "HEADER",
];
/// Values that switch something on or off.
const SWITCHES: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "none", "null"];

/// First letters of AWS access key ids: of users, and of temporary credentials (IAM user guide,
/// unique identifiers).
const ACCESS_KEYS: [&str; 2] = ["AKIA", "ASIA"];
/// Length of an AWS access key id.
const ACCESS_KEY_CHARS: usize = 20;

/// Whether the variable should be a `secret` of the task definition instead.
#[must_use]
pub fn is_secret(name: &str, value: &str) -> bool {
    tells_a_secret(value) || (names_a_secret(name) && !is_harmless(value))
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    if words.last().is_some_and(|last| ABOUT.contains(last)) {
        return false;
    }
    let is_key = |pair: &[&str]| matches!(pair, [of, "KEY"] if KEYS.contains(of));
    words.iter().any(|word| WORDS.contains(word)) || words.windows(2).any(is_key)
}

/// Whether nobody can do anything with the value, whatever its name says: it names where the
/// secret is kept, or is a number, a time or a switch.
fn is_harmless(value: &str) -> bool {
    value.is_empty()
        || value.starts_with("arn:")
        // The name of an SSM parameter in a hierarchy, or a file.
        || value.starts_with('/')
        || SWITCHES.contains(&value.to_ascii_lowercase().as_str())
        || value.parse::<f64>().is_ok()
        || is_duration(value)
}

/// Such as `5m`, `1h30m`, `250ms`, `15 min` or `PT5M`.
fn is_duration(value: &str) -> bool {
    const UNITS: [&str; 14] = [
        "ms", "s", "sec", "secs", "seconds", "m", "min", "mins", "minutes", "h", "hours", "d",
        "days", "w",
    ];
    if let Some(iso) = value.strip_prefix('P') {
        return iso.ends_with(['D', 'H', 'M', 'S', 'W', 'Y'])
            && iso.bytes().all(|byte| byte.is_ascii_digit() || b"TDHMSWY.".contains(&byte));
    }
    let mut rest = value;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if unit.len() == rest.len() {
            return false;
        }
        let unit = unit.trim_start();
        let next = unit.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        if !UNITS.contains(&unit.strip_suffix(next).unwrap_or(unit)) {
            return false;
        }
        rest = next.trim_start();
    }
    !value.is_empty()
}

/// Whether the value is one by its own looks, whatever the name says.
fn tells_a_secret(value: &str) -> bool {
    let is_access_key = |word: &str| {
        word.len() == ACCESS_KEY_CHARS
            && ACCESS_KEYS.iter().any(|prefix| word.starts_with(prefix))
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    value.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_access_key)
        || value.split_once("-----BEGIN ").is_some_and(|(_, rest)| rest.contains("PRIVATE KEY"))
        || value.split("://").skip(1).any(has_password)
}

/// Whether what follows `://` is `user:password@host`.
fn has_password(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#', ' ']).next().unwrap_or(rest);
    let user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    user.is_some_and(|(_, password)| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: bool) {
        for (name, value) in variables {
            assert_eq!(is_secret(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn names_of_secrets_are_known_by_their_words() {
        let names = [
            "PASSWORD",
            "DB_PASSWORD",
            "db_password",
            "DB_PASSWD",
            "GPG_PASSPHRASE",
            "SECRET",
            "CLIENT_SECRET",
            "AUTH_TOKEN",
            "TOKEN_FOR_BOTS",
            "API_KEY",
            "STRIPE_API_KEY_LIVE",
            "APIKEY",
            "PRIVATE_KEY",
            "SECRET_ACCESS_KEY",
            "ENCRYPTION_KEY",
            "GOOGLE_CREDENTIALS",
        ];
        check(&names.map(|name| (name, "hunter2")), true);
    }

    #[test]
    fn words_within_words_and_names_about_secrets_are_none() {
        let names = [
            "TOKENIZER",
            "SECRETARY",
            "KEY",
            "PARTITION_KEY",
            "API_VERSION",
            "MONKEY",
            "AUTHOR",
            "SECRET_ARN",
            "SECRET_NAME",
            "TOKEN_URL",
            "PASSWORD_FILE",
            "ACCESS_KEY_ID",
        ];
        check(&names.map(|name| (name, "hunter2")), false);
    }

    #[test]
    fn what_cannot_be_a_secret_is_none_under_any_name() {
        let values = [
            "",
            "300",
            "-1.5",
            "true",
            "Off",
            "5m",
            "1h30m",
            "250ms",
            "15 min",
            "PT5M",
            "P1D",
            "/prod/db/password",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
            "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db",
        ];
        check(&values.map(|value| ("TOKEN_TTL", value)), false);
        check(
            &[("TOKEN_TTL", "5mx"), ("TOKEN", "m5"), ("TOKEN", "Passw0rd"), ("TOKEN", "5!")],
            true,
        );
    }

    #[test]
    fn secrets_are_known_by_their_looks_under_any_name() {
        let values = [
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "id=AKIAIOSFODNN7EXAMPLE;region=eu-west-1",
            "-----BEGIN PRIVATE KEY-----\nMIIE",
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "postgres://app:hunter2@db.example.com:5432/app",
            "a=1 amqps://app:p@ss@mq.example.com",
        ];
        check(&values.map(|value| ("CONFIG", value)), true);
        check(&values.map(|value| ("SECRET_ARN", value)), true);
        let others = [
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLES",
            "akiaiosfodnn7example",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----",
            "postgres://app@db.example.com:5432/app",
            "postgres://app:@db.example.com/app",
            "https://example.com/a:b@c",
            "https://example.com?at=a:b@c",
            "s3://uploads/in",
            "worker@example.com",
        ];
        check(&others.map(|value| ("CONFIG", value)), false);
    }
}
