//! As much HTTP/1.1 as the practice service needs: one GET a connection, then closed.
//!
//! Reads at most [`LIMIT`] bytes of a request and waits at most five seconds for them, so that
//! no client can hold it up. It understands no bodies and keeps no connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The longest request that is read, in bytes.
const LIMIT: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// What is answered.
pub(super) struct Response {
    /// The status code.
    pub status: u16,
    /// The media type.
    pub media: &'static str,
    /// The body.
    pub body: String,
}

/// The path of a request line such as `GET /health?x HTTP/1.1`; `None` for anything but a GET.
fn path(request: &str) -> Option<&str> {
    let mut words = request.lines().next()?.split(' ');
    let method = words.next()?;
    let target = words.next()?;
    (method == "GET").then(|| target.split('?').next().unwrap_or(target))
}

/// Reads one request, answers it with what `respond` makes of its path, and closes.
///
/// # Errors
/// When the client goes away, or does not send a whole request in time.
pub(super) fn answer(
    mut stream: TcpStream,
    respond: impl FnOnce(&str) -> Response,
) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = read_head(&mut stream)?;
    let response = match path(&request) {
        Some(path) => respond(path),
        None => Response {
            status: 405,
            media: "text/plain",
            body: "only GET\n".to_owned(),
        },
    };
    write!(
        stream,
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        response.status,
        reason(response.status),
        response.media,
        response.body.len(),
        response.body
    )?;
    stream.flush()
}

fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut part)?;
        if count == 0 || head.len() > LIMIT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.extend_from_slice(part.get(..count).unwrap_or_default());
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn only_a_get_has_a_path() {
        assert_eq!(path("GET /health HTTP/1.1\r\n\r\n"), Some("/health"));
        assert_eq!(path("GET /orders?n=3 HTTP/1.1"), Some("/orders"));
        assert_eq!(path("POST /orders HTTP/1.1"), None);
        assert_eq!(path(""), None);
        assert_eq!(path("GET"), None);
    }
}
