//! `Parameters`: what is given, else the default, else (for ids that only an account has) a
//! placeholder, so that a template which deploys also starts on a laptop.

mod constraints;

use std::collections::BTreeMap;

use super::near::suggest;
use super::node::{Entry, Node};
use super::problem::{Failed, Problems, Read};

/// What a parameter declares ("Parameters", CloudFormation User Guide).
const ATTRIBUTES: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// Values for types that name what exists in an account already.
const PLACEHOLDERS: [(&str, &str); 8] = [
    ("AWS::EC2::AvailabilityZone::Name", "zone-local"),
    ("AWS::EC2::Image::Id", "ami-local"),
    ("AWS::EC2::Instance::Id", "i-local"),
    ("AWS::EC2::SecurityGroup::GroupName", "group-local"),
    ("AWS::EC2::SecurityGroup::Id", "sg-local"),
    ("AWS::EC2::Subnet::Id", "subnet-local"),
    ("AWS::EC2::VPC::Id", "vpc-local"),
    ("AWS::Route53::HostedZone::Id", "zone-local"),
];
/// Placeholder of the types of AWS that are not listed.
const OTHER_PLACEHOLDER: &str = "local";

/// The value of every declared parameter.
pub(super) fn values(
    section: Option<&Node>,
    given: &BTreeMap<String, String>,
    problems: &Problems,
) -> BTreeMap<String, Node> {
    let declared = section.and_then(Node::entries).unwrap_or_default();
    for name in given.keys().filter(|name| !declared.iter().any(|entry| entry.key == **name)) {
        let line = section.map_or(1, |section| section.line);
        let what = format!("there is no parameter `{name}`, and it was given a value");
        let known = declared.iter().map(|entry| entry.key.as_str());
        problems.tell(line, "Parameters", what, suggest(name, known, "leave it out"));
    }
    let value = |entry: &Entry| {
        let parameter = Parameter { entry, path: format!("Parameters.{}", entry.key), problems };
        Some((entry.key.clone(), parameter.value(given.get(&entry.key)).ok()?))
    };
    declared.iter().filter_map(value).collect()
}

struct Parameter<'a> {
    entry: &'a Entry,
    path: String,
    problems: &'a Problems,
}

impl Parameter<'_> {
    fn value(&self, given: Option<&String>) -> Read<Node> {
        self.check_attributes()?;
        let declared = self.attribute("Type").ok_or_else(|| {
            self.tell("the parameter has no `Type`", "add `Type: String`, or what it is")
        })?;
        let (many, one) = element(&declared);
        if !matches!(one, "String" | "Number") && !one.starts_with("AWS::") {
            let what = format!("CloudFormation has no parameter type `{declared}`");
            let known = ["String", "Number", "CommaDelimitedList", "List<Number>"];
            return Err(self.tell(&what, &suggest(&declared, known, "write `String`")));
        }
        // There the default is a name in SSM, and the value lies behind it.
        let is_looked_up = one.starts_with("AWS::SSM::Parameter::Value<");
        let default = self.attribute("Default").filter(|_| !is_looked_up);
        // What stands in for an account need not be allowed in one.
        let is_checked = !is_looked_up && (given.is_some() || default.is_some());
        let text = match (given, default, placeholder(one)) {
            (Some(given), ..) => given.clone(),
            (None, Some(default), _) => default,
            (None, None, Some(placeholder)) => placeholder.into(),
            (None, None, None) => {
                let what = "the parameter has no default, and no value was given";
                let remedy = format!("give one: `{}=VALUE`", self.entry.key);
                return Err(self.tell(what, &remedy));
            }
        };
        let line = self.entry.line;
        let check = |text: &str| if is_checked { self.check(one, text) } else { Ok(()) };
        if !many {
            check(&text)?;
            return Ok(Node::text(line, text));
        }
        let items: Vec<&str> = text.split(',').map(str::trim).collect();
        items.iter().try_for_each(|item| check(item))?;
        Ok(Node::list(line, items.into_iter().map(|item| Node::text(line, item)).collect()))
    }

    fn check_attributes(&self) -> Read<()> {
        let Some(entries) = self.entry.node.entries() else {
            return Err(self.tell("a parameter is a map", "write `{Type: String}`"));
        };
        match entries.iter().find(|entry| !ATTRIBUTES.contains(&entry.key.as_str())) {
            None => Ok(()),
            Some(Entry { key, .. }) => {
                let what = format!("a parameter has no `{key}`");
                Err(self.tell(&what, &suggest(key, ATTRIBUTES, "take it away")))
            }
        }
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.entry.node.get(name).and_then(Node::scalar)
    }

    fn tell(&self, what: &str, remedy: &str) -> Failed {
        self.problems.tell(self.entry.line, &self.path, what, remedy)
    }
}

/// Whether a type is a list, and of what.
fn element(declared: &str) -> (bool, &str) {
    if declared == "CommaDelimitedList" || declared.ends_with("Value<CommaDelimitedList>") {
        return (true, if declared.starts_with("AWS::") { declared } else { "String" });
    }
    if declared.contains("Value<List<") {
        return (true, declared);
    }
    match declared.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')) {
        Some(one) => (true, one),
        None => (false, declared),
    }
}

/// The placeholder for a type of AWS; nothing for a plain type.
fn placeholder(kind: &str) -> Option<&'static str> {
    if !kind.starts_with("AWS::") {
        return None;
    }
    let known = PLACEHOLDERS.into_iter().find(|(name, _)| kind.contains(name));
    Some(known.map_or(OTHER_PLACEHOLDER, |(_, placeholder)| placeholder))
}
