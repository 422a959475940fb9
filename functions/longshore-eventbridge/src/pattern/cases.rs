//! The case table: pattern, event, and whether they match or the pattern is refused.

use serde_json::Value;

use super::Pattern;
use Expected::{Matches, No, Refused};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Matches,
    No,
    Refused,
}

#[rustfmt::skip]
const CASES: &[(&str, &str, &str, Expected)] = &[
    ("exact", r#"{"a":["x"]}"#, r#"{"a":"x"}"#, Matches),
    ("exact no", r#"{"a":["x"]}"#, r#"{"a":"y"}"#, No),
    ("array event", r#"{"a":["x"]}"#, r#"{"a":["q","x"]}"#, Matches),
    ("array in array", r#"{"a":["x"]}"#, r#"{"a":[["q"],["x"]]}"#, Matches),
    ("cross element", r#"{"a":{"b":["1"],"c":["2"]}}"#, r#"{"a":[{"b":"1","c":"x"},{"b":"y","c":"2"}]}"#, No),
    ("same element", r#"{"a":{"b":["1"],"c":["2"]}}"#, r#"{"a":[{"b":"z"},{"b":"1","c":"2"}]}"#, Matches),
    ("empty string", r#"{"a":[""]}"#, r#"{"a":""}"#, Matches),
    ("null", r#"{"a":[null]}"#, r#"{"a":null}"#, Matches),
    ("null vs empty", r#"{"a":[null]}"#, r#"{"a":""}"#, No),
    ("bool", r#"{"a":[true]}"#, r#"{"a":true}"#, Matches),
    ("bool vs str", r#"{"a":[true]}"#, r#"{"a":"true"}"#, No),
    ("num vs str", r#"{"a":[1]}"#, r#"{"a":"1"}"#, No),
    ("prefix", r#"{"a":[{"prefix":"ab"}]}"#, r#"{"a":"abc"}"#, Matches),
    ("prefix empty", r#"{"a":[{"prefix":""}]}"#, r#"{"a":"abc"}"#, Matches),
    ("prefix num", r#"{"a":[{"prefix":"1"}]}"#, r#"{"a":123}"#, No),
    ("prefix eic", r#"{"a":[{"prefix":{"equals-ignore-case":"AB"}}]}"#, r#"{"a":"abc"}"#, Matches),
    ("suffix", r#"{"a":[{"suffix":".csv"}]}"#, r#"{"a":"x.csv"}"#, Matches),
    ("suffix eic", r#"{"a":[{"suffix":{"equals-ignore-case":".CSV"}}]}"#, r#"{"a":"x.csv"}"#, Matches),
    ("suffix array ev", r#"{"a":[{"suffix":".csv"}]}"#, r#"{"a":["x.txt","x.csv"]}"#, Matches),
    ("ab str", r#"{"a":[{"anything-but":"x"}]}"#, r#"{"a":"y"}"#, Matches),
    ("ab str no", r#"{"a":[{"anything-but":"x"}]}"#, r#"{"a":"x"}"#, No),
    ("ab list", r#"{"a":[{"anything-but":["x","y"]}]}"#, r#"{"a":"y"}"#, No),
    ("ab list absent", r#"{"a":[{"anything-but":["x","y"]}]}"#, r#"{"b":1}"#, No),
    ("ab num", r#"{"a":[{"anything-but":123}]}"#, r#"{"a":124}"#, Matches),
    ("ab num eq", r#"{"a":[{"anything-but":[100,200]}]}"#, r#"{"a":200}"#, No),
    ("ab num eq form", r#"{"a":[{"anything-but":[100,200]}]}"#, r#"{"a":2.0e2}"#, No),
    ("ab prefix", r#"{"a":[{"anything-but":{"prefix":"in/"}}]}"#, r#"{"a":"out/x"}"#, Matches),
    ("ab prefix no", r#"{"a":[{"anything-but":{"prefix":"in/"}}]}"#, r#"{"a":"in/x"}"#, No),
    ("ab prefix list", r#"{"a":[{"anything-but":{"prefix":["in/","tmp/"]}}]}"#, r#"{"a":"tmp/x"}"#, No),
    ("ab suffix", r#"{"a":[{"anything-but":{"suffix":".tmp"}}]}"#, r#"{"a":"x.tmp"}"#, No),
    ("ab suffix list", r#"{"a":[{"anything-but":{"suffix":[".tmp",".bak"]}}]}"#, r#"{"a":"x.csv"}"#, Matches),
    ("ab eic", r#"{"a":[{"anything-but":{"equals-ignore-case":["X"]}}]}"#, r#"{"a":"x"}"#, No),
    ("ab wildcard", r#"{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}"#, r#"{"a":"x/lib/y"}"#, No),
    ("ab mixed", r#"{"a":[{"anything-but":["x",1]}]}"#, r#"{"a":"y"}"#, Refused),
    ("ab array ev", r#"{"a":[{"anything-but":["x"]}]}"#, r#"{"a":["x","y"]}"#, Matches),
    ("numeric =", r#"{"a":[{"numeric":["=",5]}]}"#, r#"{"a":5.0}"#, Matches),
    ("numeric range", r#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, r#"{"a":5}"#, Matches),
    ("numeric range no", r#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, r#"{"a":5.01}"#, No),
    ("numeric str", r#"{"a":[{"numeric":[">",0]}]}"#, r#"{"a":"5"}"#, No),
    ("numeric sci", r#"{"a":[{"numeric":["=",300]}]}"#, r#"{"a":3.0e2}"#, Matches),
    ("numeric neg", r#"{"a":[{"numeric":["<",-1.5]}]}"#, r#"{"a":-2}"#, Matches),
    ("numeric big", r#"{"a":[{"numeric":[">",5000000000]}]}"#, r#"{"a":5000000001}"#, Matches),
    ("numeric bad op", r#"{"a":[{"numeric":["!",5]}]}"#, r#"{"a":5}"#, Refused),
    ("numeric empty rng", r#"{"a":[{"numeric":[">",5,"<",3]}]}"#, r#"{"a":4}"#, Refused),
    ("num literal 300=300.0", r#"{"a":[300]}"#, r#"{"a":300.0}"#, Matches),
    ("exists t", r#"{"a":[{"exists":true}]}"#, r#"{"a":1}"#, Matches),
    ("exists f", r#"{"a":[{"exists":false}]}"#, r#"{"b":1}"#, Matches),
    ("exists f present", r#"{"a":[{"exists":false}]}"#, r#"{"a":1}"#, No),
    ("exists f object", r#"{"a":[{"exists":false}]}"#, r#"{"a":{"b":1}}"#, Matches),
    ("exists t object", r#"{"a":[{"exists":true}]}"#, r#"{"a":{"b":1}}"#, No),
    ("exists t empty arr", r#"{"a":[{"exists":true}]}"#, r#"{"a":[]}"#, No),
    ("exists f or val", r#"{"a":["x",{"exists":false}]}"#, r#"{"b":1}"#, Matches),
    ("eic", r#"{"a":[{"equals-ignore-case":"AbC"}]}"#, r#"{"a":"aBc"}"#, Matches),
    ("wildcard", r#"{"a":[{"wildcard":"in/*.csv"}]}"#, r#"{"a":"in/d/x.csv"}"#, Matches),
    ("wildcard mid", r#"{"a":[{"wildcard":"a*b*c"}]}"#, r#"{"a":"a1b2c"}"#, Matches),
    ("wildcard esc", r#"{"a":[{"wildcard":"a\\*b"}]}"#, r#"{"a":"a*b"}"#, Matches),
    ("wildcard esc no", r#"{"a":[{"wildcard":"a\\*b"}]}"#, r#"{"a":"axb"}"#, No),
    ("wildcard **", r#"{"a":[{"wildcard":"a**b"}]}"#, r#"{"a":"a1b"}"#, Refused),
    ("cidr", r#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, r#"{"a":"10.0.0.255"}"#, Matches),
    ("cidr no", r#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, r#"{"a":"10.0.1.1"}"#, No),
    ("cidr v6", r#"{"a":[{"cidr":"2001:db8::/32"}]}"#, r#"{"a":"2001:db8::1"}"#, Matches),
    ("$or", r#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#, r#"{"b":"y"}"#, Matches),
    ("$or none", r#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#, r#"{"b":"z"}"#, No),
    ("$or nested+and", r#"{"s":["q"],"d":{"$or":[{"a":["x"]},{"b":[{"numeric":[">",1]}]}]}}"#, r#"{"s":"q","d":{"b":2}}"#, Matches),
    ("$or nested and fails", r#"{"s":["q"],"d":{"$or":[{"a":["x"]},{"b":["y"]}]}}"#, r#"{"s":"n","d":{"b":"y"}}"#, No),
    ("unicode", r#"{"a":[{"prefix":"żó"}]}"#, r#"{"a":"\u017c\u00f3x"}"#, Matches),
    ("event escape", r#"{"a":["a\"b\\c"]}"#, r#"{"a":"a\"b\\c"}"#, Matches),
    ("bad leaf scalar", r#"{"a":"x"}"#, r#"{"a":"x"}"#, Refused),
    ("bad empty array", r#"{"a":[]}"#, r#"{"a":"x"}"#, Refused),
    ("empty object", r#"{"a":{}}"#, r#"{"a":"x"}"#, Refused),
    ("empty pattern", "{}", r#"{"a":"x"}"#, Refused),
    ("unknown op", r#"{"a":[{"starts":"x"}]}"#, r#"{"a":"x"}"#, Refused),
    ("two ops one obj", r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, r#"{"a":"xy"}"#, Refused),
    ("regexp ext", r#"{"a":[{"regexp":"x+"}]}"#, r#"{"a":"xx"}"#, Refused),
    ("dup key last", r#"{"a":["x"],"a":["y"]}"#, r#"{"a":"y"}"#, Matches),
    ("dup event key", r#"{"a":["y"]}"#, r#"{"a":"x","a":"y"}"#, Matches),
    ("dotted key", r#"{"a.b":["x"]}"#, r#"{"a":{"b":"x"}}"#, No),
    ("S3 real", r#"{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["b"]},"object":{"key":[{"prefix":"in/"}],"size":[{"numeric":[">",0]}]}}}"#, r#"{"version":"0","source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"in/x","size":5}}}"#, Matches),
];

fn answer(pattern: &str, event: &str) -> Expected {
    let event: Value = serde_json::from_str(event).unwrap();
    match Pattern::parse(pattern) {
        Ok(pattern) if pattern.matches(&event) => Matches,
        Ok(_) => No,
        Err(_) => Refused,
    }
}

#[test]
fn every_case_holds() {
    let wrong: Vec<_> = CASES
        .iter()
        .filter(|(_, pattern, event, expected)| answer(pattern, event) != *expected)
        .map(|(name, pattern, event, _)| (name, pattern, event, answer(pattern, event)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
