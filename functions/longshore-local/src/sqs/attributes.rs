//! Message attributes: from what a caller sent to what SQS accepts.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;

use super::check::check_characters;
use super::faults::{invalid, modelled};
use super::limits::{ATTRIBUTE_NAME_CHARS_MAX, ATTRIBUTES_MAX, NUMBER_DIGITS_MAX};
use super::message::{Attribute, Attributes};
use crate::Fault;

/// A message attribute as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RawAttribute {
    data_type: String,
    string_value: Option<String>,
    binary_value: Option<String>,
    string_list_values: Vec<Value>,
    binary_list_values: Vec<Value>,
}

/// Checks the attributes of a message.
pub(super) fn attributes(raw: BTreeMap<String, RawAttribute>) -> Result<Attributes, Fault> {
    if raw.len() > ATTRIBUTES_MAX {
        let count = raw.len();
        return Err(invalid(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{ATTRIBUTES_MAX}]."
        )));
    }
    raw.into_iter()
        .map(|(name, raw)| {
            check_attribute_name(&name)?;
            let attribute = attribute("user", &name, raw)?;
            Ok((name, attribute))
        })
        .collect()
}

/// Checks the system attributes that a sender may set.
pub(super) fn system_attributes(raw: BTreeMap<String, RawAttribute>) -> Result<Attributes, Fault> {
    raw.into_iter()
        .map(|(name, raw)| {
            if name != "AWSTraceHeader" || raw.data_type != "String" {
                return Err(invalid(format!("Message (system) attribute '{name}' is invalid.")));
            }
            let attribute = attribute("system", &name, raw)?;
            Ok((name, attribute))
        })
        .collect()
}

fn check_attribute_name(name: &str) -> Result<(), Fault> {
    let lower = name.to_ascii_lowercase();
    let is_wrong = name.is_empty()
        || name.len() > ATTRIBUTE_NAME_CHARS_MAX
        || !name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it))
        || lower.starts_with("aws.")
        || lower.starts_with("amazon.")
        || name.starts_with('.')
        || name.ends_with('.')
        || name.contains("..");
    if is_wrong {
        let message = format!("Message (user) attribute name '{name}' is invalid.");
        return Err(invalid(message));
    }
    Ok(())
}

impl RawAttribute {
    /// As it counts towards the size, before it is checked.
    pub(super) fn as_sent(&self) -> Attribute {
        Attribute {
            data_type: self.data_type.clone(),
            string_value: self.string_value.clone(),
            binary_value: self.binary_value.clone(),
        }
    }
}

fn attribute(kind: &str, name: &str, raw: RawAttribute) -> Result<Attribute, Fault> {
    if !raw.string_list_values.is_empty() || !raw.binary_list_values.is_empty() {
        let message = "Message attribute list values in SendMessage operation are not supported.";
        return Err(modelled("UnsupportedOperation", message));
    }
    let logical = raw.data_type.split('.').next().unwrap_or_default();
    if !["String", "Number", "Binary"].contains(&logical)
        || raw.data_type.len() > ATTRIBUTE_NAME_CHARS_MAX
    {
        return Err(invalid(format!(
            "The type of message ({kind}) attribute '{name}' is invalid. You must use only the \
             following supported type prefixes: Binary, Number, String."
        )));
    }
    let empty = || {
        invalid(format!(
            "Message ({kind}) attribute '{name}' must contain a non-empty value of type '{logical}'."
        ))
    };
    if logical == "Binary" {
        let encoded = raw.binary_value.filter(|it| !it.is_empty()).ok_or_else(empty)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| empty())?;
        let binary_value = Some(BASE64.encode(&bytes));
        return Ok(Attribute { data_type: raw.data_type, string_value: None, binary_value });
    }
    let value = raw.string_value.filter(|it| !it.is_empty()).ok_or_else(empty)?;
    check_characters(&value)?;
    if logical == "Number" && !is_number(&value) {
        let message =
            format!("Can't cast the value of message ({kind}) attribute '{name}' to a number.");
        return Err(invalid(message));
    }
    Ok(Attribute { data_type: raw.data_type, string_value: Some(value), binary_value: None })
}

fn is_number(text: &str) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let spelled = text.bytes().all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it));
    spelled && (1..=NUMBER_DIGITS_MAX).contains(&digits) && text.parse::<f64>().is_ok()
}
