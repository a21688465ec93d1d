use switchover_sdk::prelude::*;

use crate::curl::HttpParams;
use crate::response::Response;

/// A request that goes on at another address without the headers of `unredirected_headers`, or with another method. Curl
/// would keep both, so such a request does not follow by itself: it is made again for the new address.
#[derive(Debug, PartialEq, Eq)]
pub struct Redirect {
    pub url: String,
    /// Asks with GET and sends nothing, whatever the first request was.
    pub plain: bool,
}

impl Redirect {
    /// Whether curl cannot follow as it should.
    pub fn is_by_hand(params: &HttpParams, method: &str) -> bool {
        !params.unredirected_headers.is_empty() || !matches!(method, "GET" | "HEAD" | "POST")
    }

    /// Returns where the answer sends a request that curl does not follow with.
    pub fn of(response: &Response, params: &HttpParams, method: &str) -> Option<Self> {
        let moved = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        let url = response.next.clone().filter(|_| moved && Self::is_by_hand(params, method))?;
        let plain = matches!(response.status, 302 | 303) || response.status == 301 && method == "POST";
        Some(Self { url, plain: plain && method != "HEAD" })
    }

    /// Returns the headers that go along.
    pub fn headers(headers: &Map, params: &HttpParams) -> Map {
        let goes = |(name, value): (&String, &Value)| (name.clone(), value.clone());
        headers.iter().filter(|(name, _)| !params.is_unredirected(name)).map(goes).collect()
    }
}

/// Returns scheme, host and port of an address.
pub fn origin(url: &str) -> &str {
    url.match_indices('/').nth(2).map_or(url, |(end, _)| &url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_server_by_its_address() {
        assert_eq!(origin("http://h:80/a/b"), "http://h:80");
        assert_eq!(origin("http://h"), "http://h");
        assert_ne!(origin("https://h/a"), origin("http://h/a"));
    }
}
