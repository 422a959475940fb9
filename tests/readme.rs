//! What the documents say is so: the transcript, the length, the links.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Longest README: what a newcomer reads in one go.
const README_LINES_MAX: usize = 120;
/// Begins the transcript in the README, which is the first fenced block after it.
const TRANSCRIPT: &str = "<!-- transcript of `cargo dev`, checked by tests/readme.rs -->";
/// As a line of its own any number of lines, within a line any characters.
const ANYTHING: &str = "…";

#[test]
fn the_transcript_is_what_the_command_prints() {
    let readme = read("README.md");
    let (_, after) = readme.split_once(TRANSCRIPT).expect("the README marks its transcript");
    let transcript = fenced(after);
    assert!(transcript.len() > 10, "a transcript of {} lines shows nothing", transcript.len());

    let output = Command::new(env!("CARGO_BIN_EXE_longshore-under-test"))
        .args(["dev", "--once", "--port", "0"])
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .expect("the command starts");
    let printed = String::from_utf8(output.stdout).expect("the command prints UTF-8");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaint}\n{printed}", output.status);

    let printed: Vec<String> = printed.lines().map(normal).collect();
    if let Err(missing) = compare(&transcript, &printed) {
        panic!("the README shows\n  {missing}\nand the command printed\n{}", printed.join("\n"));
    }
}

#[test]
fn the_readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(
        lines <= README_LINES_MAX,
        "README.md has {lines} lines, {README_LINES_MAX} are enough"
    );
}

#[test]
fn links_lead_somewhere() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = read(document);
        for target in links(&text).filter(|target| !target.contains("://")) {
            let path = target.split('#').next().unwrap_or_default();
            assert!(path.is_empty() || root().join(path).exists(), "{document} links to {path}");
        }
    }
    assert!(links(&read("README.md")).count() > 3, "links of the README were not found");
}

#[test]
fn a_transcript_that_differs_is_noticed() {
    let check = |transcript: &str, printed: &str| {
        let transcript: Vec<String> = transcript.lines().map(normal).collect();
        let printed: Vec<String> = printed.lines().map(normal).collect();
        compare(&transcript, &printed)
    };
    let printed = "ready in 39 ms\n\n  12 ms  task 6975ffd56891ca1163041cc41e409abc STOPPED\nend";
    let shown = "ready in 7 ms\n…\n 3 ms  task 00000000000000000000000000000000 …\n…\nend";
    assert_eq!(check(shown, printed), Ok(()));
    assert_eq!(check("ready in 7 ms\n…", printed), Ok(()));
    assert_eq!(check("…\nend", printed), Ok(()));
    for (shown, missing) in [
        ("ready in 7 ms\n…\ntask\n…", "task"),
        ("ready in 7 ms\nend", "end"),
        ("…\nend\n…\nready in 7 ms", "ready in # ms"),
        ("ready in 7 ms", "nothing after its last line"),
    ] {
        assert_eq!(check(shown, printed), Err(missing.into()), "{shown}");
    }
}

/// The lines of the first fenced block of `text`, normalised.
fn fenced(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| !line.starts_with("```")).skip(1);
    lines.take_while(|line| *line != "```").map(normal).collect()
}

/// Compares what is shown with what was printed; the error is the line that was not printed.
fn compare(shown: &[String], printed: &[String]) -> Result<(), String> {
    let mut reached = 0;
    if goes_on(shown, printed, 0, &mut reached) {
        return Ok(());
    }
    Err(shown.get(reached).cloned().unwrap_or_else(|| "nothing after its last line".into()))
}

/// Whether `printed` is what is shown from line `at` on; `reached` is the furthest line tried.
fn goes_on(shown: &[String], printed: &[String], at: usize, reached: &mut usize) -> bool {
    *reached = at.max(*reached);
    match (shown.get(at), printed.split_first()) {
        (None, _) => printed.is_empty(),
        (Some(line), _) if line == ANYTHING => {
            (0..=printed.len()).any(|skip| goes_on(shown, &printed[skip..], at + 1, reached))
        }
        (Some(line), Some((first, rest))) => {
            is_shown_as(first, line) && goes_on(shown, rest, at + 1, reached)
        }
        (Some(_), None) => false,
    }
}

/// Whether `line` is `shown`, in which `…` stands for any characters.
fn is_shown_as(line: &str, shown: &str) -> bool {
    let mut pieces = shown.split(ANYTHING);
    let Some(mut rest) = line.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(end) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(end)
}

/// The line without what differs from run to run: milliseconds, ports, ids and widths.
fn normal(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let followers = words.iter().skip(1).copied().chain([""]);
    let normal = words.iter().zip(followers).map(|(word, follower)| match follower {
        "ms" if word.bytes().all(|byte| byte.is_ascii_digit()) => "#".to_owned(),
        _ => normal_word(word),
    });
    normal.collect::<Vec<_>>().join(" ")
}

fn normal_word(word: &str) -> String {
    let mut normal = String::new();
    for piece in word.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let text = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_port = normal.ends_with("127.0.0.1:");
        let is_task = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let of_run = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
        let is_run = text.len() == 26 && text.bytes().all(of_run);
        if is_port || is_task || is_run {
            normal.push('#');
            normal.push_str(&piece[text.len()..]);
        } else {
            normal.push_str(piece);
        }
    }
    normal
}

/// What the links of a Markdown text lead to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|after| after.split([')', ' ']).next())
}

fn read(document: &str) -> String {
    let path = root().join(document);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
