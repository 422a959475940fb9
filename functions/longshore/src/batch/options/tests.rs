//! Command lines, and what they ask for.

use expect_test::{Expect, expect};

use super::*;

fn parse(line: &str) -> Result<Options, OptionsError> {
    Options::parse(line.split_whitespace().map(str::to_owned))
}

fn check(lines: &[&str], expected: &Expect) {
    let said = lines.iter().map(|line| match parse(line) {
        Ok(options) => format!("{line}\n  {} at {}\n", options.scope(), options.parallel),
        Err(error) => format!("{line}\n  REFUSED {error}\n"),
    });
    expected.assert_eq(&said.collect::<String>());
}

#[test]
fn a_command_line_says_what_to_work_off() {
    check(
        &[
            "--source s3://data/in/",
            "--source=s3://data/ --whole-bucket --parallel=32",
            "--suffix .csv --max-size 5GiB --source s3://data/in/ --suffix=.csv.gz --min-size 1",
            "--source s3://data/in/ --modified-since previous --parallel 1",
            "--source s3://data/in/ --modified-since 2026-11-23T01:00:00+01:00",
            "--inventory s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.json --prefix in/",
        ],
        &expect![[r#"
            --source s3://data/in/
              source s3://data/in/ suffixes [] sizes 0 to 18446744073709551615 since ever at 4
            --source=s3://data/ --whole-bucket --parallel=32
              source s3://data/ suffixes [] sizes 0 to 18446744073709551615 since ever at 32
            --suffix .csv --max-size 5GiB --source s3://data/in/ --suffix=.csv.gz --min-size 1
              source s3://data/in/ suffixes [".csv", ".csv.gz"] sizes 1 to 5368709120 since ever at 4
            --source s3://data/in/ --modified-since previous --parallel 1
              source s3://data/in/ suffixes [] sizes 0 to 18446744073709551615 since previous at 1
            --source s3://data/in/ --modified-since 2026-11-23T01:00:00+01:00
              source s3://data/in/ suffixes [] sizes 0 to 18446744073709551615 since 2026-11-23T00:00:00Z at 4
            --inventory s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.json --prefix in/
              inventory s3://lists/all/data/daily prefix in/ suffixes [] sizes 0 to 18446744073709551615 since ever at 4
        "#]],
    );
}

#[test]
fn a_wrong_command_line_is_told_what_to_write() {
    check(
        &[
            "",
            "in/",
            "--sorce s3://data/in/",
            "--source",
            "--source=",
            "--source --suffix .csv",
            "--source s3://data",
            "--source s3://data/",
            "--source s3://data/ --suffix .csv",
            "--source s3://data --whole-bucket",
            "--source s3://data/in/ --whole-bucket",
            "--inventory s3://lists/a/manifest.json --whole-bucket",
            "--source s3://data/ --whole-bucket=yes",
            "--source {}",
            "--source s3://data/in/ --source s3://data/out/",
            "--source s3://data/in/ --inventory s3://lists/a/manifest.json",
            "--source s3://data/in/ --prefix in/",
            "--inventory s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.checksum",
        ],
        &expect![[r#"

              REFUSED there is neither of --source and --inventory; write worker batch --source s3://bucket/prefix/ | --source s3://bucket/ --whole-bucket | --inventory s3://bucket/…/manifest.json [--prefix P] [--suffix .csv]… [--min-size 1] [--max-size 5GiB] [--modified-since previous|RFC3339] [--parallel 4]
            in/
              REFUSED `in/` is unknown; write worker batch --source s3://bucket/prefix/ | --source s3://bucket/ --whole-bucket | --inventory s3://bucket/…/manifest.json [--prefix P] [--suffix .csv]… [--min-size 1] [--max-size 5GiB] [--modified-since previous|RFC3339] [--parallel 4]
            --sorce s3://data/in/
              REFUSED `--sorce` is unknown; write worker batch --source s3://bucket/prefix/ | --source s3://bucket/ --whole-bucket | --inventory s3://bucket/…/manifest.json [--prefix P] [--suffix .csv]… [--min-size 1] [--max-size 5GiB] [--modified-since previous|RFC3339] [--parallel 4]
            --source
              REFUSED --source says nothing; write a value behind it
            --source=
              REFUSED --source says nothing; write a value behind it
            --source --suffix .csv
              REFUSED --source says nothing; write a value behind it
            --source s3://data
              REFUSED --source: s3://data says no prefix; write s3://data/prefix/, or s3://data/ --whole-bucket
            --source s3://data/
              REFUSED --source: s3://data/ has an empty prefix, and would be every object of the bucket; write s3://data/prefix/, or add --whole-bucket if all of it is meant
            --source s3://data/ --suffix .csv
              REFUSED --source: s3://data/ has an empty prefix, and would be every object of the bucket; write s3://data/prefix/, or add --whole-bucket if all of it is meant
            --source s3://data --whole-bucket
              REFUSED --source: s3://data says no prefix; write s3://data/prefix/, or s3://data/ --whole-bucket
            --source s3://data/in/ --whole-bucket
              REFUSED --whole-bucket is for --source with an empty prefix; write --source s3://bucket/ --whole-bucket, or leave --whole-bucket out
            --inventory s3://lists/a/manifest.json --whole-bucket
              REFUSED --whole-bucket is for --source with an empty prefix; write --source s3://bucket/ --whole-bucket, or leave --whole-bucket out
            --source s3://data/ --whole-bucket=yes
              REFUSED `--whole-bucket=yes` is unknown; write worker batch --source s3://bucket/prefix/ | --source s3://bucket/ --whole-bucket | --inventory s3://bucket/…/manifest.json [--prefix P] [--suffix .csv]… [--min-size 1] [--max-size 5GiB] [--modified-since previous|RFC3339] [--parallel 4]
            --source {}
              REFUSED --source: `{}` holds `{}`, which nothing filled in; write the prefix itself
            --source s3://data/in/ --source s3://data/out/
              REFUSED --source is there twice; write it once
            --source s3://data/in/ --inventory s3://lists/a/manifest.json
              REFUSED there are both of --source and --inventory; write worker batch --source s3://bucket/prefix/ | --source s3://bucket/ --whole-bucket | --inventory s3://bucket/…/manifest.json [--prefix P] [--suffix .csv]… [--min-size 1] [--max-size 5GiB] [--modified-since previous|RFC3339] [--parallel 4]
            --source s3://data/in/ --prefix in/
              REFUSED --prefix is for --inventory; write the prefix into --source, like s3://bucket/prefix/
            --inventory s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.checksum
              REFUSED --inventory: `s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.checksum` is no manifest; write s3://bucket/…/source-bucket/config/time/manifest.json
        "#]],
    );
    check(
        &[
            "--source s3://data/in/ --parallel 0",
            "--source s3://data/in/ --parallel 33",
            "--source s3://data/in/ --parallel {}",
            "--source s3://data/in/ --min-size 2GiB --max-size 1GiB",
            "--source s3://data/in/ --min-size -1",
            "--source s3://data/in/ --max-size 1e999",
            "--source s3://data/in/ --max-size 99999999TiB",
            "--source s3://data/in/ --modified-since yesterday",
            "--source s3://data/in/ --modified-since 2026-11-23",
            "--source s3://data/in/ --suffix",
        ],
        &expect![[r#"
            --source s3://data/in/ --parallel 0
              REFUSED --parallel is `0`; write a number from 1 to 32
            --source s3://data/in/ --parallel 33
              REFUSED --parallel is `33`; write a number from 1 to 32
            --source s3://data/in/ --parallel {}
              REFUSED --parallel is `{}`; write a number from 1 to 32
            --source s3://data/in/ --min-size 2GiB --max-size 1GiB
              REFUSED --min-size is above --max-size, and no object has such a size; write the smaller first
            --source s3://data/in/ --min-size -1
              REFUSED --min-size is `-1`; write a size like 1, 64KiB or 5GiB
            --source s3://data/in/ --max-size 1e999
              REFUSED --max-size is `1e999`; write a size like 1, 64KiB or 5GiB
            --source s3://data/in/ --max-size 99999999TiB
              REFUSED --max-size is `99999999TiB`; write a size like 1, 64KiB or 5GiB
            --source s3://data/in/ --modified-since yesterday
              REFUSED --modified-since is `yesterday`; write previous, or a time like 2026-11-23T00:00:00Z
            --source s3://data/in/ --modified-since 2026-11-23
              REFUSED --modified-since is `2026-11-23`; write previous, or a time like 2026-11-23T00:00:00Z
            --source s3://data/in/ --suffix
              REFUSED --suffix says nothing; write a value behind it
        "#]],
    );
    let many = format!("--source s3://data/in/ {}", "--suffix .x ".repeat(33));
    let error = parse(&many).unwrap_err().to_string();
    assert_eq!(error, "--suffix is there 33 times, and 32 are compared; write fewer");
}

#[test]
fn two_inventories_of_one_configuration_have_one_scope() {
    let scope = |time: &str, config: &str| {
        let line = format!("--inventory s3://lists/all/data/{config}/{time}/manifest.json");
        parse(&line).unwrap().scope()
    };
    let monday = scope("2026-11-23T01-00Z", "daily");
    assert_eq!(monday, scope("2026-11-24T01-00Z", "daily"));
    assert_ne!(monday, scope("2026-11-23T01-00Z", "weekly"));
}
