//! The network as the host sees it: `uri` and `get_url` speak HTTP through the host's `curl`, `wait_for` waits for ports and files, `wait_for_connection` for the host.

mod body;
mod curl;
mod download;
mod form;
mod get_url;
mod redirect;
mod response;
mod uri;
mod wait_for;
mod wait_for_connection;

use get_url::GetUrl;
use uri::Uri;
use wait_for::WaitFor;
use wait_for_connection::WaitForConnection;

switchover_sdk::export_modules!(GetUrl, Uri, WaitFor, WaitForConnection);
