//! Where the objects of a tick are named, page by page.

use std::future::Future;

use longshore::batch::{Address, Found};

use super::super::{IngestError, backoff::Backoff};
use crate::ports::{ListPage, Listing, ObjectTrouble, Pause, Rng};

/// Names of objects, in pages.
pub trait Names: Send {
    /// The next page, which may be empty; nothing after the last.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<Found>>, IngestError>> + Send;
}

/// The objects under a prefix.
#[derive(Debug)]
pub struct Pages<'a, L, P> {
    listing: &'a L,
    pause: &'a P,
    place: &'a Address,
    at: At,
}

#[derive(Debug)]
enum At {
    Begin,
    After(String),
    End,
}

impl<'a, L: Listing, P: Pause + Rng> Pages<'a, L, P> {
    /// All keys of the bucket that begin as `place` says.
    pub fn new(listing: &'a L, pause: &'a P, place: &'a Address) -> Self {
        Self { listing, pause, place, at: At::Begin }
    }

    async fn page(&self, after: Option<&str>) -> Result<ListPage, IngestError> {
        let mut backoff = Backoff::default();
        loop {
            let Address { bucket, key } = self.place;
            let words = match self.listing.page(bucket, key, after).await {
                Ok(page) => return Ok(page),
                Err(ObjectTrouble::Retryable(words)) => words,
                Err(trouble) => {
                    return Err(IngestError::Rejected(format!(
                        "listing {}: {trouble}",
                        self.place
                    )));
                }
            };
            if !backoff.wait(self.pause).await {
                return Err(IngestError::Retryable(format!("listing {}: {words}", self.place)));
            }
        }
    }
}

impl<L: Listing, P: Pause + Rng> Names for Pages<'_, L, P> {
    async fn next(&mut self) -> Result<Option<Vec<Found>>, IngestError> {
        let after = match &self.at {
            At::Begin => None,
            At::After(place) => Some(place.as_str()),
            At::End => return Ok(None),
        };
        let page = self.page(after).await?;
        if page.next.is_some() && page.next.as_deref() == after {
            let words = format!("listing {}: a page is followed by itself", self.place);
            return Err(IngestError::Retryable(words));
        }
        self.at = page.next.map_or(At::End, At::After);
        Ok(Some(page.found))
    }
}
