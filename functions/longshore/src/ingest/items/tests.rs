//! What becomes of single objects, whole.

use expect_test::{Expect, expect};

use crate::ingest::{Format, Items, Step};

fn check(format: Format, schema: &str, object: &[u8], expected: &Expect) {
    let mut items = Items::new(format, schema.parse().unwrap());
    let (mut input, mut said) = (object, Vec::new());
    loop {
        match items.next(&mut input, true) {
            Ok(Step::Item(item)) => {
                let json = std::str::from_utf8(item.json).unwrap();
                said.push(format!("{} @{} {json}\n", item.number, item.offset));
            }
            Ok(Step::Bad(bad)) => {
                said.push(format!("{} @{} BAD {}\n", bad.number, bad.offset, bad.reason));
            }
            Ok(Step::NeedMore) => break,
            Err(fault) => {
                said.push(format!("FAULT {fault}\n"));
                break;
            }
        }
    }
    expected.assert_eq(&said.concat());
}

#[test]
fn csv_cells_are_strings_and_empty_ones_are_no_attributes() {
    check(
        Format::Csv,
        "id",
        b"\xEF\xBB\xBFid,name,note\r\n1,Ann,\r\n\r\n007,\"B, \"\"Bob\"\"\nx\",t\tab\n3,,",
        &expect![[r#"
            1 @17 {"id":{"S":"1"},"name":{"S":"Ann"}}
            2 @27 {"id":{"S":"007"},"name":{"S":"B, \"Bob\"\nx"},"note":{"S":"t\tab"}}
            3 @51 {"id":{"S":"3"}}
        "#]],
    );
}

#[test]
fn bad_rows_are_set_aside_and_their_neighbours_are_not() {
    check(
        Format::Csv,
        "id",
        b"id,name,\n1,a,\n2,b\n3,c,d,e\n,f,\n4,g,h\n5,\xFF,\n6,i,\n",
        &expect![[r#"
            1 @9 {"id":{"S":"1"},"name":{"S":"a"}}
            2 @14 BAD the row has 2 cells, the header has 3
            3 @18 BAD the row has 4 cells, the header has 3
            4 @26 BAD the key attribute `id` is missing
            5 @30 BAD cell 3 has a value, but its column has no name
            6 @36 BAD the record is not UTF-8
            7 @41 {"id":{"S":"6"},"name":{"S":"i"}}
        "#]],
    );
}

#[test]
fn a_character_cut_by_quotes_is_no_text() {
    check(
        Format::Csv,
        "id",
        b"id,name\n\"\xC3\",\"\xA4\"\n\"\xC3\xA4\",b\n",
        &expect![[r#"
            1 @8 BAD the record is not UTF-8
            2 @16 {"id":{"S":"ä"},"name":{"S":"b"}}
        "#]],
    );
}

#[test]
fn tabs_and_number_keys_work_alike() {
    check(
        Format::Tsv,
        "device,at:N",
        b"device\tat\tv\nd\t1e3\t,\nd\tsoon\t\nd\t1.\t\n",
        &expect![[r#"
            1 @12 {"device":{"S":"d"},"at":{"N":"1e3"},"v":{"S":","}}
            2 @20 BAD the key attribute `at` is not a number, as the table wants
            3 @28 BAD the key attribute `at` is not a number, as the table wants
        "#]],
    );
}

#[test]
fn a_header_that_names_no_columns_faults_the_object() {
    let fault = |header: &[u8], expected: &Expect| check(Format::Csv, "id", header, expected);
    fault(
        b"id,a,a\n1,2,3\n",
        &expect![[r"
            FAULT the header cannot be used: two columns are named `a`
        "]],
    );
    fault(
        b"a;id\n1;2\n",
        &expect![[r"
            FAULT the header cannot be used: no column is named `id`, the key of the table
        "]],
    );
    fault(
        b"id,\xFF\n",
        &expect![[r"
            FAULT the header cannot be used: it is not UTF-8
        "]],
    );
    fault(
        b"id,b\n1,2\n3,\"4\n5,6\n7,8\n",
        &expect![[r#"
            1 @5 {"id":{"S":"1"},"b":{"S":"2"}}
            FAULT the quote opened in record 2 (byte 9) is never closed, so the rest of the object cannot be told apart
        "#]],
    );
    fault(b"id,b", &expect![""]);
}

#[test]
fn json_is_copied_as_it_is_spelled() {
    check(
        Format::Ndjson,
        "id",
        br#"{"id":"a","n":12345678901234567890.1234567890,"s":"\u00e4\n","t":true,"f":false,"z":null}

 { "l" : [ 1 , "x" , { } , [ ] ] , "m" : { "k" : { "d" : -1E-3 } } , "id" : "b" }
{"id":"half a line"}"#,
        &expect![[r#"
            1 @0 {"id":{"S":"a"},"n":{"N":"12345678901234567890.1234567890"},"s":{"S":"\u00e4\n"},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true}}
            2 @91 {"l":{"L":[{"N":"1"},{"S":"x"},{"M":{}},{"L":[]}]},"m":{"M":{"k":{"M":{"d":{"N":"-1E-3"}}}}},"id":{"S":"b"}}
            3 @173 {"id":{"S":"half a line"}}
        "#]],
    );
}

#[test]
fn every_reason_has_its_words() {
    let object = [
        r#"{"id":"a"} x"#,
        r#"{"id":"a",}"#,
        r#"{"id" "a"}"#,
        r#"{"id":"a""b":1}"#,
        r#"{"id":tru}"#,
        r#"{"id":"a","l":[1,]}"#,
        r#"{"id":"a","l":[1 2]}"#,
        r#"{"id":"a","b":"#,
        r#"["id"]"#,
        "{id:1}",
        r#"{"id":"a","b":1,"\u0062":2}"#,
        r#"{"id":"a","m":{"x":1,"x":2}}"#,
        r#"{"id":"a","":1}"#,
        r#"{"x":"a"}"#,
        r#"{"id":""}"#,
        r#"{"id":1}"#,
        r#"{"m":{"id":"a"}}"#,
        r#"{"id":"a","n":1e200}"#,
        "{\"id\":\"a\u{7}\"}",
    ];
    check(
        Format::Ndjson,
        "id",
        object.join("\n").as_bytes(),
        &expect![[r"
        1 @0 BAD not JSON at byte 11 of the record: more follows the object
        2 @13 BAD not JSON at byte 10 of the record: expected an attribute name in quotes
        3 @25 BAD not JSON at byte 6 of the record: expected `:`
        4 @36 BAD not JSON at byte 9 of the record: expected `,` or `}`
        5 @52 BAD not JSON at byte 6 of the record: expected a value
        6 @63 BAD not JSON at byte 17 of the record: expected a value
        7 @83 BAD not JSON at byte 17 of the record: expected `,` or `]`
        8 @104 BAD not JSON at byte 14 of the record: the record ends where a value should be
        9 @119 BAD the record is JSON, but not an object
        10 @126 BAD not JSON at byte 1 of the record: expected an attribute name in quotes
        11 @133 BAD the attribute name `b` appears twice
        12 @161 BAD the attribute name `x` appears twice
        13 @190 BAD an attribute name is empty or longer than 65535 bytes
        14 @206 BAD the key attribute `id` is missing
        15 @216 BAD the key attribute `id` is empty
        16 @226 BAD the key attribute `id` is not a string, as the table wants
        17 @235 BAD the key attribute `id` is missing
        18 @252 BAD the number `1e200` is outside the range of DynamoDB (1E-130 to 9.99E+125)
        19 @273 BAD not JSON at byte 8 of the record: a control character in a string must be escaped
    "]],
    );
}

#[test]
fn sizes_and_depths_are_those_of_dynamodb() {
    let nested = |levels: usize| {
        format!("{{\"id\":\"a\",\"l\":{}{}}}", "[".repeat(levels), "]".repeat(levels))
    };
    // `id`, `a`, `s` weigh 4 bytes.
    let sized = |bytes: usize| format!("{{\"id\":\"a\",\"s\":\"{}\"}}", "x".repeat(bytes - 4));
    let key = |bytes: usize| format!("{{\"id\":\"{}\"}}", "k".repeat(bytes));
    let verdict = |line: &str| {
        let mut items = Items::new(Format::Ndjson, "id".parse().unwrap());
        match items.next(&mut line.as_bytes(), true).unwrap() {
            Step::Item(_) => String::new(),
            Step::Bad(bad) => bad.reason.to_string(),
            Step::NeedMore => unreachable!("a line is a record"),
        }
    };
    assert_eq!(verdict(&nested(32)), "");
    expect!["the record nests deeper than 32 levels"].assert_eq(&verdict(&nested(33)));
    assert_eq!(verdict(&sized(409_600)), "");
    expect!["the item has 409601 bytes, DynamoDB holds at most 409600"]
        .assert_eq(&verdict(&sized(409_601)));
    assert_eq!(verdict(&key(2_048)), "");
    expect!["the key attribute `id` has 2049 bytes, at most 2048 are allowed"]
        .assert_eq(&verdict(&key(2_049)));
    // 30,000 elements weigh 1 + 3 each; 136,000 more than an item may.
    let list = |elements: usize| format!("{{\"id\":\"a\",\"l\":[{}1]}}", "1,".repeat(elements - 1));
    assert_eq!(verdict(&list(30_000)), "");
    assert!(verdict(&list(140_000)).starts_with("the item has"));
}

#[test]
fn the_identity_of_a_row_is_what_it_means_not_how_it_is_spelled() {
    let identity = |schema: &str, line: &str| {
        let mut items = Items::new(Format::Ndjson, schema.parse().unwrap());
        match items.next(&mut line.as_bytes(), true).unwrap() {
            Step::Item(item) => (item.hash, item.identity.to_vec()),
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(identity("id", r#"{"id":"ab"}"#), identity("id", r#"{"x":1,"\u0069d":"\u0061b"}"#));
    assert_eq!(identity("n:N", r#"{"n":10}"#), identity("n:N", r#"{"n":1.0e1}"#));
    assert_eq!(identity("p,s:N", r#"{"p":"a","s":1}"#), identity("p,s:N", r#"{"s":1.0,"p":"a"}"#));
    assert_ne!(identity("p,s", r#"{"p":"a","s":"bc"}"#), identity("p,s", r#"{"p":"ab","s":"c"}"#));
}

#[test]
fn a_name_that_appears_twice_is_found_whatever_came_before() {
    let many: Vec<String> = (0..40).map(|n| format!("\"n{n}\":{n}")).collect();
    let many = many.join(",");
    let object = [
        r#"{"id":"a","x":1}"#.to_owned(),
        r#"{"id":"b","x":2}"#.to_owned(),
        r#"{"id":"c","id":"d"}"#.to_owned(),
        r#"{"id":"c","id":"d"}"#.to_owned(),
        r#"{"id":"e","x":3,"\u0078":4}"#.to_owned(),
        r#"{"x":1,"id":"f"}"#.to_owned(),
        format!("{{\"id\":\"g\",{many},\"n17\":0}}"),
    ];
    let mut items = Items::new(Format::Ndjson, "id".parse().unwrap());
    let (object, mut bad) = (object.join("\n"), Vec::new());
    let mut input = object.as_bytes();
    loop {
        match items.next(&mut input, true).unwrap() {
            Step::Bad(record) => bad.push(format!("{} {}", record.number, record.reason)),
            Step::Item(_) => {}
            Step::NeedMore => break,
        }
    }
    expect![[r#"
        [
            "3 the attribute name `id` appears twice",
            "4 the attribute name `id` appears twice",
            "5 the attribute name `x` appears twice",
            "7 the attribute name `n17` appears twice",
        ]
    "#]]
    .assert_debug_eq(&bad);
}
