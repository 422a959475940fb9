//! YAML or JSON source ─▶ the tree, with short tags in their `Fn::` form.
//!
//! JSON needs no reader of its own: it is YAML. Aliases and merges are refused, as CloudFormation
//! refuses them ("Template format", CloudFormation User Guide), so nothing here can grow beyond
//! the source.

use std::collections::BTreeSet;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::node::{Entry, Node, Value};
use super::problem::{Failed, Problems, Read};
use super::scalar;

/// CloudFormation's own bound on a template's body.
const SOURCE_BYTES_MAX: usize = 1 << 20;
/// Lists and maps in one another; a hand-written template has about 15.
const DEPTH_MAX: usize = 64;

/// Reads `source` into a tree, up to its first problem.
pub(super) fn load(source: &str, problems: &Problems) -> Read<Node> {
    if source.len() > SOURCE_BYTES_MAX {
        let what = format!("the template has {} bytes, more than 1 MiB", source.len());
        return Err(problems.tell(1, "", what, "split it"));
    }
    let mut loader = Loader { problems, open: Vec::new(), root: None };
    for event in Parser::new_from_str(source.trim_start_matches('\u{feff}')) {
        match event {
            Ok((event, span)) => loader.take(event, span.start.line())?,
            Err(error) => {
                let line = error.marker().line();
                let what = format!("this is not YAML: {}", error.info());
                return Err(loader.tell(line, what, "correct the syntax here, or just before"));
            }
        }
    }
    loader.root.ok_or_else(|| problems.tell(1, "", "the template is empty", "declare `Resources`"))
}

/// A list or map that has begun and not ended.
struct Open {
    line: usize,
    tag: Option<Tag>,
    inner: Inner,
}

enum Inner {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, keys: BTreeSet<String>, key: Option<(String, usize)> },
}

struct Loader<'a> {
    problems: &'a Problems,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>, line: usize) -> Read<()> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = style == ScalarStyle::Plain;
                self.scalar(&text, plain, tag.as_deref(), line)
            }
            Event::SequenceStart(_, tag) => self.begin(tag.as_deref(), line, Inner::List(vec![])),
            Event::MappingStart(_, tag) => {
                let (entries, keys) = (Vec::new(), BTreeSet::new());
                self.begin(tag.as_deref(), line, Inner::Map { entries, keys, key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) => {
                let what = "CloudFormation reads no YAML alias";
                Err(self.tell(line, what, "write the value out where it is used"))
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.tell(line, "a second document begins", "keep one template per file"))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, tag: Option<&Tag>, line: usize, inner: Inner) -> Read<()> {
        if self.open.len() >= DEPTH_MAX {
            let what = format!("more than {DEPTH_MAX} lists and maps in one another");
            return Err(self.tell(line, what, "flatten it"));
        }
        if self.expects_key() {
            return Err(self.tell(line, "a key must be a string", "write the key as a word"));
        }
        self.open.push(Open { line, tag: tag.cloned(), inner });
        Ok(())
    }

    fn end(&mut self) -> Read<()> {
        let Some(Open { line, tag, inner }) = self.open.pop() else { return Ok(()) };
        let value = match inner {
            Inner::List(items) => Value::List(items),
            Inner::Map { entries, .. } => Value::Map(entries),
        };
        self.tagged(Node { line, value }, tag.as_ref())
    }

    fn scalar(&mut self, text: &str, plain: bool, tag: Option<&Tag>, line: usize) -> Read<()> {
        if self.expects_key() {
            return self.key(text, plain, line);
        }
        let string = tag.is_some_and(|tag| !tag.is_yaml_core_schema() || tag.suffix == "str");
        if !plain || string {
            return self.tagged(Node::text(line, text), tag);
        }
        match scalar::plain(text) {
            Ok(value) => self.tagged(Node { line, value }, tag),
            Err((what, remedy)) => Err(self.tell(line, what, remedy)),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { inner: Inner::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: &str, plain: bool, line: usize) -> Read<()> {
        if plain && text == "<<" {
            let what = "CloudFormation reads no YAML merge (`<<`)";
            return Err(self.tell(line, what, "write the keys out"));
        }
        if let Some(Open { inner: Inner::Map { keys, key, .. }, .. }) = self.open.last_mut() {
            *key = Some((text.into(), line));
            if keys.insert(text.into()) {
                return Ok(());
            }
        }
        Err(self.tell(line, "this key stands here twice", "keep one of the two"))
    }

    /// Puts a short tag into its `Fn::` form, and the value where it belongs.
    fn tagged(&mut self, node: Node, tag: Option<&Tag>) -> Read<()> {
        let line = node.line;
        let node = match tag {
            Some(tag) if tag.handle == "!" && !tag.suffix.is_empty() => short(&tag.suffix, node),
            Some(tag) if tag.is_yaml_core_schema() => self.core(&tag.suffix, node)?,
            Some(tag) if !tag.handle.is_empty() => {
                let what = format!("the tag `{tag}` means nothing to CloudFormation");
                return Err(self.tell(line, what, "take it away"));
            }
            _ => node,
        };
        match self.open.last_mut().map(|open| &mut open.inner) {
            Some(Inner::List(items)) => items.push(node),
            Some(Inner::Map { entries, key, .. }) => {
                if let Some((key, line)) = key.take() {
                    entries.push(Entry { key, line, node });
                }
            }
            None => self.root = Some(node),
        }
        Ok(())
    }

    /// `!!str` and its like are taken where they say what the value is anyway.
    fn core(&self, suffix: &str, node: Node) -> Read<Node> {
        let fits = match &node.value {
            Value::Flag(_) => suffix == "bool",
            Value::Number(number) => suffix == "float" || (suffix == "int" && !number.is_f64()),
            Value::Text(_) => suffix == "str",
            Value::List(_) => suffix == "seq",
            Value::Map(_) => suffix == "map",
        };
        if fits {
            return Ok(node);
        }
        let what = format!("`!!{suffix}` does not fit {}", node.kind());
        Err(self.tell(node.line, what, "take the tag away, or use quotes"))
    }

    fn tell(&self, line: usize, what: impl Into<String>, remedy: &str) -> Failed {
        let step = |open: &Open| match &open.inner {
            Inner::List(items) => format!("[{}]", items.len()),
            Inner::Map { key: Some((key, _)), .. } => format!(".{key}"),
            Inner::Map { key: None, .. } => String::new(),
        };
        let path: String = self.open.iter().map(step).collect();
        self.problems.tell(line, path.trim_start_matches('.'), what, remedy)
    }
}

/// `!Ref x` ─▶ `{Ref: x}`; `!GetAtt a.b` ─▶ `{Fn::GetAtt: [a, b]}`; `!Name x` ─▶ `{Fn::Name: x}`.
fn short(suffix: &str, node: Node) -> Node {
    let line = node.line;
    let name = match suffix {
        "Ref" | "Condition" => suffix.to_owned(),
        _ => format!("Fn::{suffix}"),
    };
    let node = match (suffix, node.as_text().and_then(|text| text.split_once('.'))) {
        ("GetAtt", Some((id, attribute))) => {
            Node::list(line, vec![Node::text(line, id), Node::text(line, attribute)])
        }
        _ => node,
    };
    Node::map(line, [(name.as_str(), node)])
}
