//! Whatever a message holds, it is admitted within the bounds or refused in one short line.

use proptest::{collection, prelude::*, sample::Index};
use serde_json::Value;

use crate::trigger::{
    Envelope, Event,
    samples::{envelope, parse},
};

/// Text, with the characters that mean something to JSON, terminals and SQS more often than by
/// chance.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        "[\u{0}-\u{20}\"\\\\{}\u{7f}-\u{a0}\u{202a}-\u{202e}\u{fff0}-\u{ffff}]{0,20}",
        Just("null".to_owned()),
        "[a-f0-9]{1,80}",
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::btree_map(text(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Every place of the value.
fn places(value: &Value) -> Vec<String> {
    fn visit(value: &Value, at: &str, places: &mut Vec<String>) {
        places.push(at.to_owned());
        match value {
            Value::Object(members) => {
                members
                    .iter()
                    .for_each(|(name, inner)| visit(inner, &format!("{at}/{name}"), places));
            }
            Value::Array(items) => {
                (0..).zip(items).for_each(|(n, inner)| visit(inner, &format!("{at}/{n}"), places));
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    visit(value, "", &mut places);
    places
}

/// What holds for every message.
fn holds(body: &str) -> Result<(), TestCaseError> {
    match Envelope::parse(body) {
        Ok(Envelope { trigger, event: Event::Object(object), .. }) => {
            prop_assert!((1..=1_024).contains(&object.key.len()) && !object.key.contains('\0'));
            prop_assert!((1..=100).contains(&trigger.name.len()) && trigger.name.is_ascii());
            let told_apart = [&object.version_id, &object.sequencer, &object.etag];
            prop_assert!(told_apart.iter().any(|name| name.is_some()));
            let within = |name: &&Option<String>| {
                name.as_ref()
                    .is_none_or(|text| !text.is_empty() && !text.contains(char::is_control))
            };
            prop_assert!(told_apart.iter().all(within));
        }
        Ok(Envelope { trigger, event: Event::Tick(_), .. }) => {
            prop_assert!(trigger.schedule.is_some());
        }
        Err(refusal) => {
            prop_assert!(!refusal.at.is_empty() && !refusal.why.is_empty());
            let sentence = refusal.to_string();
            prop_assert!(sentence.chars().count() <= 1_024, "{}", sentence);
            let refused = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(!sentence.contains(refused), "{}", sentence);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn of_any_text(body in ".*|\\{\"trigger\":.*,\"event\":.*\\}|[-{}\\[\\]:,\"\\\\0-9eutrifalsn. ]{0,60}") {
        holds(&body)?;
    }

    #[test]
    fn of_any_json(body in json()) {
        holds(&body.to_string())?;
    }

    #[test]
    fn of_an_envelope_with_anything_in_some_places(changes in collection::vec((any::<Index>(), json()), 1..4)) {
        let mut bent = envelope();
        for (index, value) in changes {
            let places = places(&bent);
            // A name of ours with a slash in it is no pointer.
            if let Some(place) = bent.pointer_mut(index.get(&places[..]).as_str()) {
                *place = value;
            }
        }
        holds(&bent.to_string())?;
    }

    #[test]
    fn of_an_envelope_with_anything_added(index: Index, name in text(), value in json()) {
        let mut bent = envelope();
        let places = places(&bent);
        let place = bent.pointer_mut(index.get(&places[..]).as_str());
        if let Some(Value::Object(members)) = place {
            members.insert(name, value);
        }
        holds(&bent.to_string())?;
    }

    #[test]
    fn of_an_envelope_with_letters_changed(changes in collection::vec((any::<Index>(), 0..3, any::<char>()), 1..4)) {
        let mut letters: Vec<char> = envelope().to_string().chars().collect();
        for (index, change, letter) in changes {
            let at = index.index(letters.len());
            match change {
                0 => letters[at] = letter,
                1 => letters.insert(at, letter),
                _ => drop(letters.remove(at)),
            }
        }
        holds(&letters.iter().collect::<String>())?;
    }

    #[test]
    fn of_half_an_envelope_that_it_is_refused(at: Index) {
        let whole = envelope().to_string();
        prop_assert!(Envelope::parse(&whole[..at.index(whole.len())]).is_err());
    }
}

#[test]
fn the_envelope_that_is_bent_is_good() {
    assert!(parse(&envelope()).is_ok());
    assert!(places(&envelope()).len() > 30, "all of its places are bent");
}
