//! The network as the host sees it: `uri` and `get_url` speak HTTP through the host's `curl`, `wait_for` waits for ports and files.

mod body;
mod curl;
mod download;
mod form;
mod get_url;
mod response;
mod uri;
mod wait_for;

use get_url::GetUrl;
use uri::Uri;
use wait_for::WaitFor;

switchover_sdk::export_modules!(GetUrl, Uri, WaitFor);
