//! Pages of a list, by the key after which the next page begins.

use crate::Fault;

use super::refusal::invalid;

/// Most entries of one page (`ListTasks`, `ListClusters`, `ListTaskDefinitions` API references).
const PAGE_MAX: i64 = 100;

/// Cuts the page after `token` out of `entries` of (key, shown), which are in the order of keys.
pub(super) fn page(
    entries: impl Iterator<Item = (String, String)>,
    token: Option<&str>,
    max: Option<i64>,
    descending: bool,
) -> Result<(Vec<String>, Option<String>), Fault> {
    let max = max.unwrap_or(PAGE_MAX);
    let size = usize::try_from(max).ok().filter(|_| (1..=PAGE_MAX).contains(&max));
    let size = size.ok_or_else(|| invalid(format!("maxResults must be from 1 to {PAGE_MAX}.")))?;
    let is_past = |key: &str| match token {
        Some(token) if descending => key >= token,
        Some(token) => key <= token,
        None => false,
    };
    let mut left = entries.skip_while(|(key, _)| is_past(key)).peekable();
    let mut shown = Vec::new();
    let mut last = None;
    while shown.len() < size {
        let Some((key, entry)) = left.next() else { break };
        shown.push(entry);
        last = Some(key);
    }
    let next = last.filter(|_| left.peek().is_some());
    Ok((shown, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(descending: bool) -> Vec<Vec<String>> {
        let mut keys: Vec<String> = (0..5).map(|n| n.to_string()).collect();
        if descending {
            keys.reverse();
        }
        let mut pages = Vec::new();
        let mut token = None;
        loop {
            let entries = keys.iter().map(|key| (key.clone(), key.clone()));
            let (shown, next) = page(entries, token.as_deref(), Some(2), descending).unwrap();
            pages.push(shown);
            token = next;
            if token.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn pages_hold_every_entry_once_and_in_order() {
        assert_eq!(walk(false).concat(), ["0", "1", "2", "3", "4"]);
        assert_eq!(walk(true).concat(), ["4", "3", "2", "1", "0"]);
        assert_eq!(walk(false).len(), 3);
    }

    #[test]
    fn a_page_of_no_or_too_many_entries_is_refused() {
        for max in [-1, 0, 101] {
            let fault = page(std::iter::empty(), None, Some(max), false).unwrap_err();
            assert_eq!(fault.code, "InvalidParameterException", "{max}");
        }
    }
}
