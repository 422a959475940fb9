//! The variables of this process.

use longshore::config::Variables;

/// What the process was given; a variable that is not UTF-8 is none of ours.
#[must_use]
pub fn variables() -> Variables {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}
