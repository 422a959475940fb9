//! What has become of the objects of a tick so far, in constant memory.

use crate::{ingest::Counts, printable::printable};

/// Objects that failed and are named with their reason: the run's row and its message hold it.
const NAMED_MAX: usize = 3;
/// Longest of these, in characters: a key has up to 1,024.
const NAMED_CHARS_MAX: usize = 400;
/// Objects with dead letters that are named: a run's row holds 400 KB (DynamoDB quotas), and a key
/// up to 1 KB.
const DEAD_LETTERS_MAX: usize = 20;

/// Objects of a tick, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Objects that are done.
    pub objects: u64,
    /// Objects that no retry makes readable, or whose records are all bad.
    pub bad: u64,
    /// Objects whose work met trouble that another attempt may mend.
    pub troubled: u64,
    /// Objects that were gone when they were to be read.
    pub gone: u64,
    /// Objects that the options leave out.
    pub filtered: u64,
    /// Bytes of the objects that are done, as they were listed.
    pub bytes: u64,
    /// Where the records of all objects went that were read to their end.
    pub records: Counts,
    /// Keys of objects that hold dead letters, the first of them.
    pub dead_letters: Vec<String>,
    /// How many of those there are.
    pub dead_letter_objects: u64,
    bad_named: Vec<String>,
    troubled_named: Vec<String>,
}

impl Tally {
    /// The object `key` of `bytes` bytes was read to its end, and its bad records lie in the object
    /// `dead_letters`.
    pub fn read(&mut self, key: &str, bytes: u64, counts: Counts, dead_letters: Option<String>) {
        let sum = &mut self.records;
        *sum = Counts {
            read: sum.read + counts.read,
            written: sum.written + counts.written,
            replaced: sum.replaced + counts.replaced,
            dead_lettered: sum.dead_lettered + counts.dead_lettered,
        };
        if let Some(letters) = dead_letters {
            self.dead_letter_objects += 1;
            if self.dead_letters.len() < DEAD_LETTERS_MAX {
                self.dead_letters.push(letters);
            }
        }
        if counts.read > 0 && counts.dead_lettered == counts.read {
            self.bad(key, &format!("all of its {} records are bad", counts.read));
        } else {
            self.objects += 1;
            self.bytes = self.bytes.saturating_add(bytes);
        }
    }

    /// The object `key` cannot be worked off, whoever tries it.
    pub fn bad(&mut self, key: &str, why: &str) {
        self.bad += 1;
        name(&mut self.bad_named, key, why);
    }

    /// The object `key` is not done, and may be by another attempt.
    pub fn troubled(&mut self, key: &str, why: &str) {
        self.troubled += 1;
        name(&mut self.troubled_named, key, why);
    }

    /// Objects that were to be worked off, and how each ended.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.objects + self.bad + self.troubled + self.gone
    }

    /// How many failed, and why the first of them did; empty if none did.
    #[must_use]
    pub fn failures(&self) -> String {
        let part = |count: u64, what: &str, named: &[String]| {
            let more = if count > named.len() as u64 { "; …" } else { "" };
            (count > 0).then(|| {
                format!("{count} of {} objects {what}: {}{more}", self.taken(), named.join("; "))
            })
        };
        let bad = part(self.bad, "are bad", &self.bad_named);
        let troubled = part(self.troubled, "met trouble", &self.troubled_named);
        [bad, troubled].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

fn name(named: &mut Vec<String>, key: &str, why: &str) {
    if named.len() < NAMED_MAX {
        named.push(printable(&format!("`{key}`: {why}"), NAMED_CHARS_MAX));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Counts, DEAD_LETTERS_MAX, Tally};

    fn counts(written: u64, dead_lettered: u64) -> Counts {
        Counts { read: written + dead_lettered, written, replaced: 0, dead_lettered }
    }

    #[test]
    fn an_object_of_bad_records_alone_is_bad_and_an_empty_one_is_not() {
        let mut tally = Tally::default();
        tally.read("good", 10, counts(3, 0), None);
        tally.read("mixed", 10, counts(1, 2), Some("dead-letter/mixed".into()));
        tally.read("empty", 10, counts(0, 0), None);
        assert_eq!(tally.failures(), "");
        tally.read("poison", 10, counts(0, 2), Some("dead-letter/poison".into()));
        tally.gone += 1;
        assert_eq!((tally.objects, tally.bad, tally.bytes, tally.taken()), (3, 1, 30, 5));
        assert_eq!((tally.records, tally.dead_letter_objects), (counts(4, 4), 2));
        expect!["1 of 5 objects are bad: `poison`: all of its 2 records are bad"]
            .assert_eq(&tally.failures());
    }

    #[test]
    fn the_first_that_fail_are_named_and_no_more() {
        let mut tally = Tally::default();
        for n in 0..100_000 {
            tally.bad(&format!("a\n{n}"), "archived");
            tally.troubled("b", &"x".repeat(10_000));
            tally.read("c", 1, counts(1, 1), Some(format!("dead-letter/{n}")));
        }
        assert_eq!(tally.dead_letters.len(), DEAD_LETTERS_MAX);
        let said = tally.failures();
        assert!(said.starts_with(
            "100000 of 300000 objects are bad: `a\\n0`: archived; `a\\n1`: archived; `a\\n2`: archived; …; \
             100000 of 300000 objects met trouble: `b`: xxx"
        ), "{said}");
        assert!(said.len() < 2_048, "{}", said.len());
    }
}
