//! Places in a list: which objects of a run are meant, as `0-99,103`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Most places: the objects that a run can hold.
pub const PLACES_MAX: u16 = 1_000;

/// A set of places in a list, counted from 0. As text it has the ranges in order, so that a
/// thousand neighbours are as short as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Places(BTreeSet<u16>);

impl Places {
    /// The first `count` places.
    #[must_use]
    pub fn first(count: usize) -> Self {
        (0..PLACES_MAX).take(count).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The places, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(|place| usize::from(*place))
    }

    /// Whether all of them are among `others`.
    #[must_use]
    pub fn are_among(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// The first half, which is the larger one, and the second.
    #[must_use]
    pub fn halves(&self) -> [Self; 2] {
        let middle = self.len().div_ceil(2);
        let halve = |places: &mut dyn Iterator<Item = &u16>| Self(places.copied().collect());
        [halve(&mut self.0.iter().take(middle)), halve(&mut self.0.iter().skip(middle))]
    }

    /// What `list` has at these places.
    pub fn of<'a, T>(&'a self, list: &'a [T]) -> impl Iterator<Item = &'a T> + 'a {
        self.iter().filter_map(|place| list.get(place))
    }
}

impl FromIterator<u16> for Places {
    fn from_iter<I: IntoIterator<Item = u16>>(places: I) -> Self {
        Self(places.into_iter().collect())
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<u16> = self.0.iter().copied().collect();
        for (n, range) in places.chunk_by(|one, next| one + 1 == *next).enumerate() {
            let comma = if n > 0 { "," } else { "" };
            match range {
                [one] => write!(f, "{comma}{one}")?,
                [first, .., last] => write!(f, "{comma}{first}-{last}")?,
                [] => {}
            }
        }
        Ok(())
    }
}

/// The text names no places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no list of places below 1,000 like `0-99,103`", .0.escape_debug())]
pub struct NoPlaces(String);

impl FromStr for Places {
    type Err = NoPlaces;

    fn from_str(text: &str) -> Result<Self, NoPlaces> {
        let place = |text: &str| text.parse().ok().filter(|place: &u16| *place < PLACES_MAX);
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            Some(place(first)?..=place(last)?)
        };
        if text.is_empty() {
            return Ok(Self::default());
        }
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        let places: Option<Self> = ranges.map(|ranges| ranges.into_iter().flatten().collect());
        // Whatever is not as we write it was not written by us.
        let places = places.filter(|places| places.to_string() == text);
        places.ok_or_else(|| NoPlaces(text.to_owned()))
    }
}

impl TryFrom<String> for Places {
    type Error = NoPlaces;

    fn try_from(text: String) -> Result<Self, NoPlaces> {
        text.parse()
    }
}

impl From<Places> for String {
    fn from(places: Places) -> Self {
        places.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::btree_set, prelude::*};

    use super::*;

    #[test]
    fn neighbours_are_ranges() {
        let text = |places: &[u16]| places.iter().copied().collect::<Places>().to_string();
        assert_eq!(text(&[]), "");
        assert_eq!(text(&[7]), "7");
        assert_eq!(text(&[0, 1, 2, 5, 8, 9]), "0-2,5,8-9");
        assert_eq!(Places::first(1_000).to_string(), "0-999");
    }

    #[test]
    fn what_we_did_not_write_is_refused() {
        for text in ["a", "1,", "1-", "3-1", "1,1", "2,1", "0,1", "1000", "0-1000", "-1", " 1"] {
            assert_eq!(text.parse::<Places>(), Err(NoPlaces(text.into())));
        }
    }

    proptest! {
        #[test]
        fn places_come_back(places in btree_set(0..PLACES_MAX, 0..50)) {
            let places = Places(places);
            prop_assert_eq!(places.to_string().parse(), Ok(places));
        }

        #[test]
        fn halves_are_the_whole(places in btree_set(0..PLACES_MAX, 2..50)) {
            let whole = Places(places);
            let [one, other] = whole.halves();
            prop_assert!(!one.is_empty() && !other.is_empty());
            prop_assert_eq!(one.len() + other.len(), whole.len());
            prop_assert!(one.are_among(&whole) && other.are_among(&whole));
        }
    }
}
