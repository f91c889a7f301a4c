//! Secrets from each place that a plan can name, in commands, in a request and in what one command
//! leaves to the next: they arrive, and nothing that is kept or exported has them.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::secrets::{files_below, finds, traces};
use super::{Flight, many};

/// What is given, by where it is.
const SET: &str = "canary-set 'one'";
const IN_ENVIRONMENT: &str = "canary-env \"two\" $HOME";
const IN_FILE: &str = "canary-file\\three";
const PRINTED: &str = "canary-cmd&four=%41";
const OTHER: &str = "canary-other-five";

/// So many drills, and the control in which nothing is declared.
pub fn run(count: usize) -> bool {
    let held = many("P9 secrets from each source", count, 1, |_| drilled(true));
    let control = many("P9 sources, nothing declared", 1, 1, |_| {
        let seen = drilled(false).is_err_and(|why| why.contains("is in "));
        seen.then(|| "seen as broken".to_owned())
            .ok_or("not seen".to_owned())
    });
    [held.told(), control.told()] == [true; 2]
}

/// Answers every request with the request; remembers them all.
fn echo() -> Result<(u16, Arc<Mutex<String>>), String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let heard = Arc::new(Mutex::new(String::new()));
    let all = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Ok(request) = answer(&stream) {
                all.lock().expect("no panic holds it").push_str(&request);
            }
        }
    });
    Ok((port, heard))
}

fn answer(stream: &TcpStream) -> std::io::Result<String> {
    let mut from = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let whole = head + &String::from_utf8_lossy(&body);
    let mut to = stream;
    write!(
        to,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{whole}",
        whole.len()
    )?;
    Ok(whole)
}

fn drilled(declare: bool) -> Result<String, String> {
    let (port, heard) = echo()?;
    let blocks = [
        "```bash\n   printf '%s\\n' <deploy_token> 'f <deploy_file>' \"c <deploy_cmd>\" e=<ключ> <слово>\n   COPY=\"u:<deploy_cmd>@h\"\n   export COPY\n   ```".to_owned(),
        "```bash\n   [ \"$COPY\" = \"u:$(cat printed.txt)@h\" ] && touch carried\n   ```".to_owned(),
        format!("```http\n   POST http://127.0.0.1:{port}/x?t=<deploy_token>\n   X-Key: <deploy_file>\n\n   {{\"p\": \"<ключ>\"}}\n   ```"),
        "```bash\n   cat <<END | base64\n   is <deploy_token>\n   END\n   [ <ключ> != <слово> ] && touch apart\n   ```".to_owned(),
        "```bash\n   ls \"/nowhere/<deploy_token>\" <deploy_file>\n   ```".to_owned(),
    ];
    let flight = Flight::on(&blocks);
    let plan = flight.scratch.join("ROLLBACK.md");
    let text = fs::read_to_string(&plan).map_err(|e| e.to_string())?;
    let front = if declare {
        "---\nbackout:\n  parameters:\n    deploy_token: {secret: {env: TO_DEPLOY}}\n    ключ: {secret: {env: CANARY}}\n    слово: {secret: {env: OTHER}}\n    deploy_file: {secret: {file: held.txt}}\n    deploy_cmd: {secret: {command: cat printed.txt}}\n---\n"
    } else {
        "---\nbackout:\n  parameters:\n    deploy_token: {secret: false}\n---\n"
    };
    fs::write(&plan, front.to_owned() + &text).map_err(|e| e.to_string())?;
    for (name, value) in [("held.txt", IN_FILE), ("printed.txt", PRINTED)] {
        fs::write(flight.scratch.join(name), format!("{value}\n")).map_err(|e| e.to_string())?;
    }
    let mut drill = flight.command(&["drill", "ROLLBACK.md", "--procedure", "Rollback"]);
    drill.arg("--assume-manual");
    if !declare {
        for (name, value) in [
            ("deploy_token", SET),
            ("ключ", "canary-plain"),
            ("слово", "b"),
            ("deploy_file", "c"),
            ("deploy_cmd", "d"),
        ] {
            drill.arg("--set").arg(format!("{name}={value}"));
        }
    }
    drill.env("CANARY", IN_ENVIRONMENT).env("OTHER", OTHER);
    if declare {
        drill.env("TO_DEPLOY", SET);
    }
    let said = drill.output().map_err(|e| e.to_string())?;
    kept(&flight, &[&said.stdout, &said.stderr])?;
    let told = || String::from_utf8_lossy(&said.stdout).into_owned();
    let ran = flight.journal().matches("\"attempt-ended\"").count();
    if ran != blocks.len() {
        return Err(format!("{ran} of {} actions ran: {}", blocks.len(), told()));
    }
    for mark in ["carried", "apart"] {
        if !flight.scratch.join(mark).exists() {
            return Err(format!("not {mark}: {}", told()));
        }
    }
    let heard = heard.lock().expect("no panic holds it");
    let json = r#""p": "canary-env \"two\" $HOME""#;
    for arrived in ["?t=canary-set%20%27one%27", IN_FILE, json] {
        if !heard.contains(arrived) {
            return Err(format!("{arrived} did not arrive: {heard}"));
        }
    }
    Ok("drills".to_owned())
}

/// Whether anything that is kept, said or exported holds a secret.
fn kept(flight: &Flight, said: &[&Vec<u8>]) -> Result<(), String> {
    let id = flight.incident();
    let name = id.file_name().unwrap_or_default().to_string_lossy();
    for form in ["text", "markdown", "json", "cast"] {
        let mut export = flight.command(&["export", &name, "--format", form, "--output"]);
        export.arg(id.join(format!("out.{form}")));
        let done = export.output().map_err(|e| e.to_string())?;
        if !done.status.success() {
            let why = String::from_utf8_lossy(&done.stderr).into_owned();
            return Err(format!("no export as {form}: {why}"));
        }
    }
    let mut files = files_below(&flight.scratch.join("home"));
    files.extend(said.iter().map(|s| ("what was said".into(), (*s).clone())));
    for secret in [SET, IN_ENVIRONMENT, IN_FILE, PRINTED, OTHER] {
        for never in traces(secret) {
            if let Some((path, _)) = files.iter().find(|(_, b)| finds(b, never.as_bytes())) {
                return Err(format!("{never} is in {}", path.display()));
            }
        }
    }
    Ok(())
}
