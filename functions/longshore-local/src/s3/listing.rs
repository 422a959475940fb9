//! How a listing is cut into pages and rolled up into common prefixes.

/// What a listing asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    /// Only keys that start with it.
    pub(super) prefix: &'a str,
    /// Keys are rolled up to the first of it behind the prefix; empty does not roll up.
    pub(super) delimiter: &'a str,
    /// Where the page before ended: a key or a common prefix.
    pub(super) after: &'a str,
    /// Most entries of a page.
    pub(super) max: usize,
}

/// An entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry<T> {
    /// A key and what is under it.
    Item(T),
    /// All keys that start with it.
    Prefix(String),
}

/// Part of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<Entry<T>>,
    /// Whether more follows.
    pub(super) is_truncated: bool,
}

/// Cuts one page out of `items`, which are in order and begin behind `ask.after`.
pub(super) fn page<'k, T>(items: impl Iterator<Item = (&'k str, T)>, ask: Ask<'_>) -> Page<T> {
    let mut entries = Vec::new();
    let mut rolled = ask.after;
    for (key, item) in items {
        let Some(rest) = key.strip_prefix(ask.prefix) else {
            if key > ask.prefix {
                break;
            }
            continue;
        };
        let common = common_prefix(key, rest, ask.delimiter);
        if common == Some(rolled) {
            continue;
        }
        if entries.len() == ask.max {
            return Page { entries, is_truncated: ask.max > 0 };
        }
        entries.push(match common {
            Some(prefix) => {
                rolled = prefix;
                Entry::Prefix(prefix.to_owned())
            }
            None => Entry::Item(item),
        });
    }
    Page { entries, is_truncated: false }
}

fn common_prefix<'k>(key: &'k str, rest: &str, delimiter: &str) -> Option<&'k str> {
    if delimiter.is_empty() {
        return None;
    }
    let end = rest.find(delimiter)? + delimiter.len();
    key.get(..key.len() - rest.len() + end)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    const KEYS: [&str; 8] = ["a", "a/", "a/1", "a/b/2", "a//3", "b", "c/4", "ć/5"];

    fn one_page(keys: &BTreeSet<String>, ask: Ask<'_>) -> (Vec<String>, bool) {
        let from = ask.after.to_owned();
        let items = keys.iter().filter(|key| **key > from || from.is_empty());
        let page = page(items.map(|key| (key.as_str(), key.clone())), ask);
        let names = page.entries.into_iter().map(|entry| match entry {
            Entry::Item(key) => key,
            Entry::Prefix(prefix) => format!("{prefix}*"),
        });
        (names.collect(), page.is_truncated)
    }

    fn check(prefix: &str, delimiter: &str, after: &str, max: usize, expect: &Expect) {
        let keys = KEYS.into_iter().map(str::to_owned).collect();
        let (names, is_truncated) = one_page(&keys, Ask { prefix, delimiter, after, max });
        expect.assert_eq(&format!("{} {is_truncated}", names.join(" ")));
    }

    #[test]
    fn pages() {
        check("", "", "", 9, &expect!["a a/ a//3 a/1 a/b/2 b c/4 ć/5 false"]);
        check("", "/", "", 9, &expect!["a a/* b c/* ć/* false"]);
        check("a/", "/", "", 9, &expect!["a/ a//* a/1 a/b/* false"]);
        check("a/", "/", "", 2, &expect!["a/ a//* true"]);
        check("", "/", "a/", 9, &expect!["b c/* ć/* false"]);
        check("a/b/2", "/", "", 9, &expect!["a/b/2 false"]);
        check("", "", "", 0, &expect![" false"]);
        check("zz", "/", "", 9, &expect![" false"]);
        check("", "/b", "", 9, &expect!["a a/ a//3 a/1 a/b* b c/4 ć/5 false"]);
    }

    proptest! {
        #[test]
        fn small_pages_make_the_whole_listing(
            keys in proptest::collection::btree_set("[ab/]{1,5}", 0..20),
            prefix in "[ab/]{0,2}",
            delimiter in "/?",
            max in 1_usize..4,
        ) {
            let ask = Ask { prefix: &prefix, delimiter: &delimiter, after: "", max: 1_000 };
            let (whole, _) = one_page(&keys, ask);
            let mut pages = Vec::new();
            let mut after = String::new();
            loop {
                let (names, more) = one_page(&keys, Ask { after: &after, max, ..ask });
                prop_assert!(names.len() <= max);
                pages.extend(names);
                prop_assert!(pages.len() <= whole.len());
                if !more {
                    break;
                }
                after = pages.last().unwrap().trim_end_matches('*').to_owned();
            }
            prop_assert_eq!(pages, whole);
        }

        #[test]
        fn every_key_is_listed_once(keys in proptest::collection::btree_set("[ab/]{1,5}", 0..20)) {
            let ask = Ask { prefix: "", delimiter: "/", after: "", max: 1_000 };
            let (names, _) = one_page(&keys, ask);
            for key in &keys {
                let hits = names.iter().filter(|name| match name.strip_suffix('*') {
                    Some(prefix) => key.starts_with(prefix),
                    None => *name == key,
                });
                prop_assert_eq!(hits.count(), 1, "{}", key);
            }
        }
    }
}
