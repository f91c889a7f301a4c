//! Sending one HTTP request as an attempt's command.
//!
//! The code is `METHOD URL`, then header lines, then after an empty line the body. What refers to
//! a secret gets its value here and nowhere before. Redirections are followed and the last address
//! is said. Exit status: 0 below 400, 22 from there on, 7 when there was no answer, 28 when there
//! was none in time, 2 when the request makes no sense.

use crate::script::blanks::secret;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// For the whole exchange; an attempt may have a shorter time box.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A longer body is cut, and that is said.
const LONGEST: usize = 8 << 20;

/// A request as written.
#[derive(Debug, PartialEq)]
struct Request {
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// Why there is no answer, and the exit status that says so.
struct Failure(i32, String);

/// The hidden subcommand: sends the request in the file at `path`.
pub(super) fn main(path: &Path) -> i32 {
    let sent = std::fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|code| secret::resolve(&code, |name| std::env::var(name).ok()))
        .and_then(|code| parse(&code))
        .map_err(|why| Failure(2, why))
        .and_then(|request| send(&request));
    sent.unwrap_or_else(|Failure(status, why)| {
        say(format!("{why}\n").as_bytes());
        status
    })
}

/// Whether a request only asks.
pub(super) fn reads_only(code: &str) -> bool {
    parse(code).is_ok_and(|request| request.method.is_safe())
}

fn parse(code: &str) -> Result<Request, String> {
    let mut lines = crate::script::http::lines(code);
    let mut words = lines
        .next()
        .ok_or("there is no request")?
        .split_whitespace();
    let first = words.next().unwrap_or_default();
    let (method, url) = match words.next() {
        Some(url) => (first, url),
        None => ("GET", first),
    };
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| "not a method".to_owned())?;
    let url = Url::parse(url).map_err(|error| format!("not an address: {url}: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("neither http nor https: {url}"));
    }
    let mut headers = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("not a header: {line}"))?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let body = lines.collect::<Vec<_>>().join("\n");
    Ok(Request {
        method,
        url,
        headers,
        body: (!body.is_empty()).then_some(body),
    })
}

fn send(request: &Request) -> Result<i32, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure(7, error.to_string()))?;
    runtime.block_on(exchange(request))
}

async fn exchange(request: &Request) -> Result<i32, Failure> {
    let client = client(request.url.scheme()).map_err(|why| Failure(7, why))?;
    let begun = Instant::now();
    let response = build(&client, request)
        .send()
        .await
        .map_err(|error| failure(&error))?;
    let status = response.status();
    let took = begun.elapsed().as_millis();
    say(head(&response, &request.url, took).as_bytes());
    show_body(response).await.map_err(|error| failure(&error))?;
    Ok(if status.as_u16() < 400 { 0 } else { 22 })
}

/// The system's certificates where there are any; without them plain requests still go.
fn client(scheme: &str) -> Result<Client, String> {
    // A second installation is refused, which is as good.
    let _ = ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .timeout(TIMEOUT)
            .user_agent(concat!("backout/", env!("CARGO_PKG_VERSION")))
    };
    builder().build().or_else(|error| {
        if scheme == "https" {
            let hint = "is the package ca-certificates installed?";
            return Err(format!("{}; {hint}", causes(&error)));
        }
        let tls = ClientConfig::builder()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        builder()
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|error| causes(&error))
    })
}

fn build(client: &Client, request: &Request) -> RequestBuilder {
    let mut builder = client.request(request.method.clone(), request.url.clone());
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    match &request.body {
        Some(body) => builder.body(body.clone()),
        None => builder,
    }
}

/// Status line, content type, time, and where it came from if that is elsewhere.
fn head(response: &Response, asked: &Url, took_ms: u128) -> String {
    use std::fmt::Write;
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut text = format!("{:?} {} {reason}", response.version(), status.as_u16());
    text.truncate(text.trim_end().len());
    text.push('\n');
    if let Some(kind) = response.headers().get("content-type") {
        text.push_str("content-type: ");
        text.push_str(&String::from_utf8_lossy(kind.as_bytes()));
        text.push('\n');
    }
    if response.url() != asked {
        let _ = writeln!(text, "from: {}", response.url());
    }
    let _ = writeln!(text, "time: {took_ms} ms\n");
    text
}

async fn show_body(mut response: Response) -> reqwest::Result<()> {
    let (mut shown, mut last) = (0, b'\n');
    while let Some(piece) = response.chunk().await? {
        say(&piece);
        shown += piece.len();
        last = piece.last().copied().unwrap_or(last);
        if shown > LONGEST {
            say(b"\n(the rest of the body was left out)");
            last = b')';
            break;
        }
    }
    if last != b'\n' {
        say(b"\n");
    }
    Ok(())
}

fn failure(error: &reqwest::Error) -> Failure {
    let status = if error.is_timeout() { 28 } else { 7 };
    Failure(status, causes(error))
}

fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

fn say(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_method_address_headers_and_body() {
        let code =
            "# check\nPOST http://localhost:1/x?y=1\nAccept: text/plain\nX-A: b: c\n\n{\n}\n";
        let request = parse(code).unwrap();
        assert_eq!((request.method, request.url.path()), (Method::POST, "/x"));
        assert_eq!(request.headers[1], ("X-A".to_owned(), "b: c".to_owned()));
        assert_eq!(request.body.as_deref(), Some("{\n}"));
        assert_eq!(parse("http://localhost/").unwrap().method, Method::GET);
    }

    #[test]
    fn nonsense_is_refused() {
        for code in ["", "GET", "GET ftp://x/", "GET http://x/\nno header here"] {
            assert!(parse(code).is_err(), "{code}");
        }
    }
}
