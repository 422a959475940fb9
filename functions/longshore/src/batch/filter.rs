//! object of a listing ─▶ ours, filtered out, or another shard's

use jiff::{SignedDuration, Timestamp};

use super::{
    options::{Choice, Since},
    shard::Shard,
};

/// How long a multipart upload may be under way. Its object appears when it is completed, but counts
/// as modified since it was initiated (S3 User Guide, "Working with object metadata"), which may be
/// before an earlier tick that could not see it. A presigned URL holds as long.
const UPLOAD_DAYS_MAX: i64 = 7;

/// An object as a listing or an inventory names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Key.
    pub key: String,
    /// Size in bytes, if it is told.
    pub size: Option<u64>,
    /// Entity tag, if it is told.
    pub etag: Option<String>,
    /// When it was modified, if it is told.
    pub modified: Option<Timestamp>,
}

/// Which objects of a listing are to be worked off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What the command line says.
    pub choice: Choice,
    /// Objects that were modified before were worked off by an earlier tick.
    pub since: Option<Timestamp>,
    /// Our share.
    pub shard: Shard,
    /// What keys of dead letters begin with, if they lie in this bucket: they are never input.
    pub dead_letters: Option<String>,
}

/// What is to be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be worked off.
    Ours,
    /// Nobody works it off in this tick.
    Filtered,
    /// Another task of this tick sees to it.
    Elsewhere,
}

impl Filter {
    /// Judges `found`. What is not told of it does not exclude it: to work an object off twice does
    /// no harm.
    #[must_use]
    pub fn judge(&self, found: &Found) -> Verdict {
        let Choice { prefix, suffixes, size_min, size_max, .. } = &self.choice;
        let key = found.key.as_str();
        if !self.shard.has(key) {
            return Verdict::Elsewhere;
        }
        let is_wanted = key.starts_with(prefix)
            && (suffixes.is_empty() || suffixes.iter().any(|suffix| key.ends_with(suffix)))
            && found.size.is_none_or(|size| (*size_min..=*size_max).contains(&size))
            && !self.dead_letters.as_ref().is_some_and(|prefix| key.starts_with(prefix))
            && self.is_new(found);
        if is_wanted { Verdict::Ours } else { Verdict::Filtered }
    }

    /// S3 tells times in whole seconds, cut off.
    fn is_new(&self, found: &Found) -> bool {
        let (Some(since), Some(modified)) = (self.since, found.modified) else { return true };
        // The entity tag of a multipart upload ends in `-` and the number of its parts. Who names a
        // time means the time that S3 tells.
        let may_have_been_hidden = self.choice.since == Since::Previous
            && found.etag.as_ref().is_none_or(|etag| etag.contains('-'));
        let slack = if may_have_been_hidden {
            SignedDuration::from_hours(24 * UPLOAD_DAYS_MAX)
        } else {
            SignedDuration::ZERO
        };
        let seen = since.as_second().saturating_sub(slack.as_secs());
        modified.as_second() >= seen
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::{Filter, Found, Shard, Timestamp, Verdict};

    fn filter(words: &[&str]) -> Filter {
        let words = ["--source", "s3://data/in/"].iter().chain(words).map(|&word| word.to_owned());
        let options = crate::batch::Options::parse(words).unwrap();
        let dead_letters = Some("in/dead-letter/".to_owned());
        Filter { choice: options.choice, since: None, shard: Shard::WHOLE, dead_letters }
    }

    fn found(key: &str, size: u64, etag: &str, modified: &str) -> Found {
        let (etag, modified) = (Some(etag.to_owned()), Some(modified.parse().unwrap()));
        Found { key: key.to_owned(), size: Some(size), etag, modified }
    }

    fn check(filter: &Filter, objects: &[Found], expected: &Expect) {
        let line = |found: &Found| {
            let Found { key, size, etag, modified } = found;
            let told = |it: Option<String>| it.unwrap_or_else(|| "?".to_owned());
            let (size, modified) =
                (size.map(|it| it.to_string()), modified.map(|it| it.to_string()));
            let etag = etag.clone();
            let verdict = filter.judge(found);
            format!("{key} {} {} {}: {verdict:?}\n", told(size), told(etag), told(modified))
        };
        expected.assert_eq(&objects.iter().map(line).collect::<String>());
    }

    #[test]
    fn names_sizes_and_dead_letters_decide() {
        let at = "2026-11-23T00:00:00Z";
        let of = |key, size| found(key, size, "e", at);
        check(
            &filter(&[
                "--suffix",
                ".csv",
                "--suffix",
                ".csv.gz",
                "--min-size",
                "1",
                "--max-size",
                "9",
            ]),
            &[
                of("in/a.csv", 1),
                of("in/a.csv.gz", 9),
                of("in/a.csv", 0),
                of("in/a.csv", 10),
                Found { size: None, ..of("in/a.csv", 0) },
                of("in/A.CSV", 1),
                of("in/x.csv.exe", 1),
                of("in/dead-letter/in/a.csv/1.csv", 1),
                of("in/dead-letters.csv", 1),
            ],
            &expect![[r#"
                in/a.csv 1 e 2026-11-23T00:00:00Z: Ours
                in/a.csv.gz 9 e 2026-11-23T00:00:00Z: Ours
                in/a.csv 0 e 2026-11-23T00:00:00Z: Filtered
                in/a.csv 10 e 2026-11-23T00:00:00Z: Filtered
                in/a.csv ? e 2026-11-23T00:00:00Z: Ours
                in/A.CSV 1 e 2026-11-23T00:00:00Z: Filtered
                in/x.csv.exe 1 e 2026-11-23T00:00:00Z: Filtered
                in/dead-letter/in/a.csv/1.csv 1 e 2026-11-23T00:00:00Z: Filtered
                in/dead-letters.csv 1 e 2026-11-23T00:00:00Z: Ours
            "#]],
        );
        check(
            &filter(&[]),
            &[of("in/", 0), of("in/../../etc/passwd", 1), of("in/dead-letter/x", 1)],
            &expect![[r#"
                in/ 0 e 2026-11-23T00:00:00Z: Ours
                in/../../etc/passwd 1 e 2026-11-23T00:00:00Z: Ours
                in/dead-letter/x 1 e 2026-11-23T00:00:00Z: Filtered
            "#]],
        );
    }

    #[test]
    fn what_an_earlier_tick_cannot_have_seen_is_new() {
        let since = Some("2026-11-23T01:00:00.5Z".parse().unwrap());
        let named = Filter { since, ..filter(&["--modified-since", "2026-11-23T01:00:00.5Z"]) };
        let parts = found("in/upload-of-parts", 1, "9a-2", "2026-11-23T00:59:59Z");
        assert_eq!(named.judge(&parts), Verdict::Filtered, "the time that was named is meant");
        check(
            &Filter { since, ..filter(&["--modified-since", "previous"]) },
            &[
                found("in/before", 1, "9a", "2026-11-23T00:59:59Z"),
                found("in/in-the-same-second", 1, "9a", "2026-11-23T01:00:00Z"),
                found("in/later", 1, "9a", "2026-11-23T01:00:01Z"),
                found("in/upload-of-parts", 1, "9a-2", "2026-11-16T01:00:00Z"),
                found("in/old-upload-of-parts", 1, "9a-2", "2026-11-16T00:59:59Z"),
                Found { etag: None, ..found("in/perhaps-of-parts", 1, "", "2026-11-16T01:00:00Z") },
                Found { modified: None, ..found("in/who-knows", 1, "9a", "2026-11-23T00:00:00Z") },
            ],
            &expect![[r#"
                in/before 1 9a 2026-11-23T00:59:59Z: Filtered
                in/in-the-same-second 1 9a 2026-11-23T01:00:00Z: Ours
                in/later 1 9a 2026-11-23T01:00:01Z: Ours
                in/upload-of-parts 1 9a-2 2026-11-16T01:00:00Z: Ours
                in/old-upload-of-parts 1 9a-2 2026-11-16T00:59:59Z: Filtered
                in/perhaps-of-parts 1 ? 2026-11-16T01:00:00Z: Ours
                in/who-knows 1 9a ?: Ours
            "#]],
        );
    }

    proptest! {
        #[test]
        fn all_shares_together_are_the_whole(
            keys in proptest::collection::vec("in/[a-d.]{0,6}", 0..40),
            of in 1_u32..9,
            size in 0_u64..4,
        ) {
            let whole = filter(&["--min-size", "2", "--suffix", "a", "--suffix", ".b"]);
            let at: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
            for key in keys {
                let found = Found { key, size: Some(size), etag: None, modified: Some(at) };
                let shares = (0..of).map(|index| Filter { shard: Shard::new(index, of).unwrap(), ..whole.clone() });
                let mut verdicts: Vec<_> = shares.map(|share| share.judge(&found)).collect();
                verdicts.retain(|verdict| *verdict != Verdict::Elsewhere);
                prop_assert_eq!(verdicts, [whole.judge(&found)], "{}", found.key);
            }
        }
    }
}
