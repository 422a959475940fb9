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
    /// Objects that no retry makes readable, or whose records are all bad: they are set aside.
    pub bad: u64,
    /// Objects whose work was refused through no fault of theirs, or that could not be set aside:
    /// somebody has to allow something first.
    pub refused: u64,
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
    refused_named: Vec<String>,
    troubled_named: Vec<String>,
}

impl Tally {
    /// The object `key` of `bytes` bytes was read to its end, and its bad records lie in the object
    /// `dead_letters`.
    pub fn read(&mut self, key: &str, bytes: u64, counts: Counts, dead_letters: Option<String>) {
        self.records = self.records + counts;
        if let Some(letters) = dead_letters {
            self.letters(letters);
        }
        if counts.read > 0 && counts.dead_lettered == counts.read {
            self.bad(key, &format!("all of its {} records are bad", counts.read));
        } else {
            self.objects += 1;
            self.bytes = self.bytes.saturating_add(bytes);
        }
    }

    /// The object `key` cannot be worked off, whoever tries it, and lies in the object
    /// `dead_letters`: in the equation it is one record.
    pub fn set_aside(&mut self, key: &str, why: &str, dead_letters: String) {
        self.records.read += 1;
        self.records.dead_lettered += 1;
        self.letters(dead_letters);
        self.bad(key, why);
    }

    fn bad(&mut self, key: &str, why: &str) {
        self.bad += 1;
        name(&mut self.bad_named, key, why);
    }

    fn letters(&mut self, key: String) {
        self.dead_letter_objects += 1;
        if self.dead_letters.len() < DEAD_LETTERS_MAX {
            self.dead_letters.push(key);
        }
    }

    /// The object `key` cannot be worked off until somebody allows it.
    pub fn refused(&mut self, key: &str, why: &str) {
        self.refused += 1;
        name(&mut self.refused_named, key, why);
    }

    /// The object `key` is not done, and may be by another attempt.
    pub fn troubled(&mut self, key: &str, why: &str) {
        self.troubled += 1;
        name(&mut self.troubled_named, key, why);
    }

    /// Objects that were to be worked off, and how each ended.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.objects + self.bad + self.refused + self.troubled + self.gone
    }

    /// How many are not done, and why the first of them; empty if all are.
    #[must_use]
    pub fn failures(&self) -> String {
        let part = |count: u64, what: &str, named: &[String]| {
            let more = if count > named.len() as u64 { "; …" } else { "" };
            (count > 0).then(|| {
                format!("{count} of {} objects {what}: {}{more}", self.taken(), named.join("; "))
            })
        };
        let bad = part(self.bad, "are bad and set aside", &self.bad_named);
        let refused = part(self.refused, "were refused", &self.refused_named);
        let troubled = part(self.troubled, "met trouble", &self.troubled_named);
        [bad, refused, troubled].into_iter().flatten().collect::<Vec<_>>().join("; ")
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
        Counts { read: written + dead_lettered, written, dead_lettered, ..Counts::default() }
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
        expect!["1 of 5 objects are bad and set aside: `poison`: all of its 2 records are bad"]
            .assert_eq(&tally.failures());
    }

    #[test]
    fn the_first_that_fail_are_named_and_no_more() {
        let mut tally = Tally::default();
        for n in 0..100_000 {
            tally.set_aside(&format!("a\n{n}"), "archived", format!("dead-letter/a{n}"));
            tally.refused("d", "denied");
            tally.troubled("b", &"x".repeat(10_000));
            tally.read("c", 1, counts(1, 1), Some(format!("dead-letter/{n}")));
        }
        assert_eq!(tally.dead_letters.len(), DEAD_LETTERS_MAX);
        let said = tally.failures();
        assert!(said.starts_with(
            "100000 of 400000 objects are bad and set aside: `a\\n0`: archived; `a\\n1`: archived; \
             `a\\n2`: archived; …; 100000 of 400000 objects were refused: `d`: denied; `d`: denied; \
             `d`: denied; …; 100000 of 400000 objects met trouble: `b`: xxx"
        ), "{said}");
        let written = 100_000;
        assert_eq!(tally.records, Counts { read: 3 * written, ..counts(written, 2 * written) });
        assert!(said.len() < 2_048, "{}", said.len());
    }
}
