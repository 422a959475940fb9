//! What lies in a bucket.

use std::future::Future;

use longshore::batch::Found;

use super::ObjectTrouble;

/// Lists objects.
pub trait Listing: Sync {
    /// The objects of `bucket` whose keys begin with `prefix`, from the place `after` of an earlier
    /// page on; a page holds at most 1,000.
    ///
    /// A listing is no snapshot: what is written or deleted meanwhile may be in it or not.
    fn page(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> impl Future<Output = Result<ListPage, ObjectTrouble>> + Send;
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Its objects, which may be none.
    pub found: Vec<Found>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}
