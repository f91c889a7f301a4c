//! HTTP attempts against a listener of the test's own.

use super::Bench;
use backout::exec::{AttemptSpec, Kind};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// Answers one request with a fixed text and gives back what was asked.
fn answer_once(answer: &'static str) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while !asked.ends_with("\r\n\r\n") {
            reader.read_line(&mut asked).unwrap();
        }
        stream.write_all(answer.as_bytes()).unwrap();
        asked
    });
    (port, server)
}

fn request(bench: &Bench, code: &str) -> (Option<i32>, String) {
    let mut spec = AttemptSpec::new(Kind::Http, code, bench.home.path());
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        spec.env.push((name.to_owned(), String::new()));
    }
    // No certificates of the system: a plain request must go all the same.
    spec.env
        .push(("SSL_CERT_FILE".to_owned(), "/nonexistent".to_owned()));
    spec.env
        .push(("SSL_CERT_DIR".to_owned(), "/nonexistent".to_owned()));
    let (outcome, output) = bench.run(&spec);
    (outcome.exit, output.replace('\r', ""))
}

#[test]
fn status_type_time_and_body_are_shown() {
    let bench = Bench::new();
    let (port, server) = answer_once(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"ok\":true}\n\n",
    );
    let code = format!("GET http://127.0.0.1:{port}/health?x=1\nX-Asked-By: ana");
    let (exit, output) = request(&bench, &code);
    assert_eq!(exit, Some(0), "{output}");
    assert!(output.starts_with("HTTP/1.1 200 OK\ncontent-type: application/json\ntime: "));
    assert!(output.ends_with(" ms\n\n{\"ok\":true}\n\n"), "{output}");
    let asked = server.join().unwrap();
    assert!(asked.starts_with("GET /health?x=1 HTTP/1.1\r\n"));
    assert!(asked.to_lowercase().contains("x-asked-by: ana\r\n"));
}

#[test]
fn a_bad_status_and_no_answer_are_failures() {
    let bench = Bench::new();
    let (port, server) =
        answer_once("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nconnection: close\r\n\r\nlate");
    let (exit, output) = request(&bench, &format!("GET http://127.0.0.1:{port}/"));
    assert_eq!(exit, Some(22));
    assert!(
        output.starts_with("HTTP/1.1 503 ") && output.ends_with("late\n"),
        "{output}"
    );
    server.join().unwrap();
    let (exit, output) = request(&bench, "GET http://127.0.0.1:1/");
    assert_eq!(exit, Some(7), "{output}");
    assert_eq!(request(&bench, "GET nowhere").0, Some(2));
}
