use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::sim::Store;

const LONGEST_REQUEST: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the product's web pages of one host until it is aborted.
pub async fn serve(listener: TcpListener, store: Arc<Store>, host: String) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (store, host) = (Arc::clone(&store), host.clone());
        tokio::spawn(async move {
            // A client that leaves or stalls gets no answer.
            let _ = tokio::time::timeout(PATIENCE, answer(stream, store, host)).await;
        });
    }
}

async fn answer(mut stream: TcpStream, store: Arc<Store>, host: String) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut buffer).await?;
        if count == 0 || request.len() > LONGEST_REQUEST {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..count]);
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split_whitespace().nth(1).unwrap_or("/").to_owned();
    // Looking at the world takes a file lock, which may have to wait.
    let response = tokio::task::spawn_blocking(move || respond(&store, &host, &path)).await?;
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await
}

fn respond(store: &Store, host: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    match path {
        "/monitor/replication" => {
            let to = "Location: /monitor/replication/\r\n";
            response("301 Moved Permanently", "text/plain", to, "")
        }
        "/monitor/replication/" | "/" => match store.world() {
            Ok(world) if path != "/" => {
                response("200 OK", "application/json", "", &world.replication_page(host))
            }
            Ok(world) => match world.product(host) {
                Ok(product) => {
                    let text = format!("simulated product, release {}\n", product.release);
                    response("200 OK", "text/plain", "", &text)
                }
                Err(_) => response("404 Not Found", "text/plain", "", "no product\n"),
            },
            Err(_) => response("500 Internal Server Error", "text/plain", "", ""),
        },
        _ => response("404 Not Found", "text/plain", "", "not found\n"),
    }
}

fn response(status: &str, kind: &str, header: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{header}\
         Connection: close\r\n\r\n{body}"
    )
}
