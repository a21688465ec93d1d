//! Names that only a host in between can resolve.

use std::net::IpAddr;
use std::time::Duration;

use async_ssh2_tokio::Client;
use russh::ChannelMsg;

/// Asks a host for the addresses of a name; none when it has no `getent`, or does not know the name either.
pub(super) async fn ask(via: &Client, name: &str, within: Duration) -> Vec<IpAddr> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if name.starts_with('-') || !name.bytes().all(is_plain) {
        return Vec::new();
    }
    let (via, command) = (via.clone(), format!("getent ahosts {name}"));
    // In a task of its own, because giving up while a channel opens would leak it.
    let asking = tokio::spawn(async move {
        let mut output = Vec::new();
        let Ok(mut channel) = via.get_channel().await else { return output };
        if channel.exec(false, command).await.is_ok() {
            while let Some(message) = channel.wait().await {
                if let ChannelMsg::Data { data } = message {
                    output.extend_from_slice(&data);
                }
            }
        }
        // It fails when the connection is gone, and the channel with it.
        channel.close().await.ok();
        output
    });
    match tokio::time::timeout(within, asking).await {
        Ok(Ok(output)) => parse(&String::from_utf8_lossy(&output)),
        _ => Vec::new(),
    }
}

/// Reads the first word of each line that names a stream socket.
fn parse(output: &str) -> Vec<IpAddr> {
    let lines = output.lines().filter(|line| line.contains("STREAM"));
    let mut addresses: Vec<IpAddr> =
        lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_what_getent_prints() {
        let output = "::1  STREAM localhost\n::1  DGRAM\n127.0.0.1  STREAM\n127.0.0.1  RAW\n";
        let addresses: Vec<_> = super::parse(output).iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["::1", "127.0.0.1"]);
    }
}
