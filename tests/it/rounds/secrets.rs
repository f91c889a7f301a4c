//! Declared secrets reach no file, in whatever common form and however the writes cut them; and
//! ordinary lines stay as they are.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use backout::exec::{AttemptSpec, Found, Kind, find, start_with};

use super::{Flight, comes_within, many, one_of, random};
use crate::scratch::{Scratch, binary};

#[allow(dead_code, unused_imports)] // The filter of the supervisor itself, so that every split is exactly that.
#[path = "../../../src/exec/forms.rs"]
mod forms;
#[allow(dead_code, unused_imports)]
#[path = "../../../src/exec/redact.rs"]
mod redact;
#[allow(dead_code, unused_imports)]
#[path = "../../../src/exec/visible.rs"]
mod visible;

/// What is looked for afterwards: of the kinds that people have.
const CANARIES: [&str; 4] = [
    "canary-7f3a9c41d2",
    "Tr0ub4dor&3 <horse>\"'",
    "pa/ss+wörd=%25;$HOME\\x",
    "eyJhbGciOiJub25lIn0.canary.c2lnbmF0dXJl",
];

/// So many splits, the whole directory of an incident, ordinary lines, and the controls.
pub fn run(count: usize) -> bool {
    let exact = many("P9 splits of every form, as read", count, 2, |_| {
        split_round()
    });
    let written = written(count, true);
    let whole = many(
        "P9 whole incident directories",
        count.div_ceil(20_000),
        1,
        |_| incident(true),
    );
    let lines = ordinary(count);
    let control = many("P9 controls, nothing declared", 2, 1, |number| {
        let seen = match number {
            0 => !written_hits(500, false).is_ok_and(|hits| hits == 0),
            _ => incident(false).is_err(),
        };
        seen.then(|| "seen as broken".to_owned())
            .ok_or("not seen".to_owned())
    });
    let sources = super::sources::run(count.div_ceil(20_000));
    let held = [exact.told(), written, whole.told(), lines, control.told()];
    held == [true; 5] && sources
}

/// A secret in one of the forms in which programs show it, made without the filter's own code,
/// and what of it may be found nowhere.
fn shown(secret: &str) -> (Vec<u8>, Vec<u8>, &'static str) {
    let plain = |text: String, kind| (text.clone().into_bytes(), text.into_bytes(), kind);
    match random() % 9 {
        0 => plain(secret.to_owned(), "plain"),
        number @ 1..=3 => {
            let shift = usize::try_from(number - 1).expect("small");
            let whole = base64(&[&b"xyz"[..shift], secret.as_bytes(), b"tail"].concat());
            // The characters that hold bits of the secret alone.
            let from = (shift * 8).div_ceil(6);
            let to = (shift + secret.len()) * 8 / 6;
            let core = whole[from..to].to_owned();
            (whole.into_bytes(), core.into_bytes(), "base64")
        }
        4 => {
            let coded = secret.bytes().map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            });
            plain(coded.collect(), "URL")
        }
        5 => {
            let json = serde_json::Value::from(secret).to_string();
            plain(json[1..json.len() - 1].to_owned(), "JSON")
        }
        6 => {
            let mut xml = secret.replace('&', "&amp;");
            for (from, to) in [
                ("<", "&lt;"),
                (">", "&gt;"),
                ("\"", "&quot;"),
                ("'", "&apos;"),
            ] {
                xml = xml.replace(from, to);
            }
            plain(xml, "XML")
        }
        7 => plain(secret.replace('\'', r"'\''"), "shell"),
        _ => plain(hex(secret), "hex"),
    }
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

fn declared() -> Vec<(String, String)> {
    let named = |(n, value): (usize, &&str)| (format!("CANARY_{n}"), (*value).to_owned());
    CANARIES.iter().enumerate().map(named).collect()
}

/// Cuts bytes at up to three places.
fn pieces(bytes: &[u8]) -> Vec<Vec<u8>> {
    let cuts = usize::try_from(random() % 3).expect("small") + 1;
    let place = |_| usize::try_from(random()).unwrap_or(7) % bytes.len();
    let mut places: Vec<usize> = (0..cuts).map(place).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in places {
        pieces.push(bytes[from..at].to_vec());
        from = at;
    }
    pieces.push(bytes[from..].to_vec());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether some bytes are in others.
pub fn finds(text: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(text, what).is_some()
}

fn split_round() -> Result<String, String> {
    thread_local! {
        static FILTER: std::cell::RefCell<redact::Redactor> = std::cell::RefCell::new(
            redact::Redactor::new(&declared()).expect("a pattern").expect("secrets"),
        );
    }
    FILTER.with_borrow_mut(|filter| {
        let (form, never, kind) = shown(one_of(&CANARIES));
        let text = [b"before ".as_slice(), &form, b" after\n"].concat();
        let mut out = Vec::new();
        for piece in pieces(&text) {
            filter.feed(&piece, &mut out);
            if one_of(&[true, false, false]) {
                filter.pause(&mut out);
            }
        }
        filter.finish(&mut out);
        let kept = out.starts_with(b"before ") && out.ends_with(b" after\n");
        if finds(&out, &never) || !kept {
            return Err(format!("{kind}: {}", String::from_utf8_lossy(&out)));
        }
        Ok(kind.to_owned())
    })
}

fn written(count: usize, declare: bool) -> bool {
    match written_hits(count, declare) {
        Ok(hits) => {
            println!("P9 splits of every form, as written by a step: {count} splits, {hits} hits");
            hits == 0
        }
        Err(why) => {
            println!("P9 splits as written by a step: {why}");
            false
        }
    }
}

/// A step that writes every piece by a write of its own, through the real supervisor.
fn written_hits(count: usize, declare: bool) -> Result<usize, String> {
    let home = Scratch::new();
    let (mut all, mut never) = (Vec::new(), Vec::new());
    for number in 0..count {
        let (form, core, _) = shown(one_of(&CANARIES));
        let text = [b"[".as_slice(), &form, b"]\n"].concat();
        for piece in pieces(&text) {
            all.extend(piece);
            all.push(0);
        }
        if number % 250 == 0 {
            // The step waits there for longer than the supervisor holds anything back.
            all.extend(b"\0");
        }
        never.push(core);
    }
    never.sort_unstable();
    never.dedup();
    let source = home.join("pieces");
    fs::write(&source, all).map_err(|e| e.to_string())?;
    let code = "LC_ALL=C; while IFS= read -r -d '' piece; do if [ -z \"$piece\" ]; then sleep 0.06; \
                else printf %s \"$piece\"; fi; done < \"$PIECES\"";
    let mut spec = AttemptSpec::new(Kind::Shell, code, home.path());
    spec.env = vec![("PIECES".to_owned(), source.display().to_string())];
    if declare {
        spec.secret_env = declared();
    }
    let dir = home.join("evidence");
    start_with(binary(), &dir, &spec).map_err(|e| e.to_string())?;
    let ends = || matches!(find(&dir), Ok(Found::Ended(_)));
    if !comes_within(Duration::from_mins(10), ends) {
        return Err("it did not end".to_owned());
    }
    let output = fs::read(dir.join("output")).map_err(|e| e.to_string())?;
    let lines = memchr::memchr_iter(b'\n', &output).count();
    if lines != count {
        return Err(format!("{lines} lines of {count} are in the evidence"));
    }
    let files = files_below(&dir);
    let found = |core: &&Vec<u8>| files.iter().any(|(_, bytes)| finds(bytes, core));
    Ok(never.iter().filter(found).count())
}

/// Every file below a directory.
pub fn files_below(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push((path.clone(), fs::read(&path).unwrap_or_default()));
        }
    }
    files
}

/// A secret as it is, and what of it shows in other forms, made without the filter's own code.
pub fn traces(secret: &str) -> Vec<String> {
    let core = |shift: usize| {
        let whole = base64(&[&b"xyz"[..shift], secret.as_bytes(), b"tail"].concat());
        whole[(shift * 8).div_ceil(6)..(shift + secret.len()) * 8 / 6].to_owned()
    };
    let json = serde_json::Value::from(secret).to_string();
    let mut all = vec![
        secret.to_owned(),
        hex(secret),
        secret.replace('\'', r"'\''"),
        secret.replace('\'', "''"),
        json[1..json.len() - 1].to_owned(),
    ];
    all.extend((0..3).map(core));
    all
}

/// A drill whose steps show a secret in every way they know, one of which fails; everything that
/// is kept of it, and its exports.
fn incident(declare: bool) -> Result<String, String> {
    const SECRET: &str = "canary-9e1d77'x y";
    let steps = [
        "echo \"$DEPLOY_TOKEN\"; printf %s \"$DEPLOY_TOKEN\" | base64; copied=\"a $DEPLOY_TOKEN\"; export copied",
        "printf '%q\\n' \"$DEPLOY_TOKEN\"; printf 'x%s' \"$DEPLOY_TOKEN\" | base64; echo \"$copied\"; set | grep -i canary || true",
        "printf 'xy%s' \"$DEPLOY_TOKEN\" | base64; printf %s \"$DEPLOY_TOKEN\" | od -An -tx1 | tr -d ' \\n'; echo; env",
        "echo \"no access with $DEPLOY_TOKEN\" >&2; exit 3",
    ];
    let flight = Flight::with(&steps);
    let plan = flight.scratch.join("ROLLBACK.md");
    let text = fs::read_to_string(&plan).map_err(|e| e.to_string())?;
    let front = format!(
        "---\nbackout:\n  parameters:\n    DEPLOY_TOKEN:\n      env: true\n      secret: {declare}\n---\n"
    );
    fs::write(&plan, front + &text).map_err(|e| e.to_string())?;
    let mut drill = flight.command(&[
        "drill",
        "ROLLBACK.md",
        "--procedure",
        "Rollback",
        "--assume-manual",
    ]);
    drill.env("DEPLOY_TOKEN", SECRET);
    let said = drill.output().map_err(|e| e.to_string())?;
    let ran = flight.journal().matches("\"attempt-ended\"").count();
    if ran < steps.len() {
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        return Err(format!("{ran} of {} steps ran: {said}", steps.len()));
    }
    let id = flight.incident();
    let id = id
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for form in ["text", "markdown", "json"] {
        let to = flight.incident().join("exports").join(form);
        let mut export = flight.command(&["export", &id, "--format", form, "--output"]);
        export.arg(to).output().map_err(|e| e.to_string())?;
    }
    let mut files = files_below(&flight.scratch.join("home"));
    files.push((
        "what the drill said".into(),
        [said.stdout, said.stderr].concat(),
    ));
    let mut never = traces(SECRET);
    never.push("canary-9e1d77".to_owned());
    for (path, bytes) in &files {
        if let Some(found) = never.iter().find(|one| finds(bytes, one.as_bytes())) {
            return Err(format!("{found} is in {}", path.display()));
        }
    }
    Ok(format!("{} files", files.len()))
}

/// Lines as services write them, with every secret declared: how many are not as they were.
fn ordinary(count: usize) -> bool {
    let mut filter = redact::Redactor::new(&declared())
        .expect("a pattern")
        .expect("secrets");
    let mut touched = 0;
    for number in 0..count {
        let line = log_line(number);
        let mut out = Vec::new();
        filter.feed(line.as_bytes(), &mut out);
        filter.finish(&mut out);
        touched += usize::from(out != line.as_bytes());
    }
    println!("P9 ordinary lines: {touched} of {count} touched");
    touched * 1000 <= count
}

fn log_line(number: usize) -> String {
    let id = random();
    let word = one_of(&[
        "canary",
        "horse",
        "pass",
        "orders",
        "checkout",
        "secret rotated",
        "token ok",
        "none",
    ]);
    match number % 8 {
        0 => format!(
            "2026-03-04T05:06:{:02}Z INFO  {word}-api[{}] GET /v1/{word}/{id} 200 {} ms\n",
            id % 60,
            id % 9999,
            id % 800
        ),
        1 => format!("commit {id:016x}{:016x}{:08x}\n", random(), id >> 32),
        2 => format!(
            "  {word}-7f{:04x}-{:05x}   1/1   Running   {}   {}m\n",
            id % 65_536,
            id % 9_999,
            id % 5,
            id % 90
        ),
        3 => format!(
            "sha256:{id:016x}{:016x} {}\n",
            random(),
            base64(&id.to_le_bytes())
        ),
        4 => format!(
            "level=warn msg=\"retry {} of 5 for {word}\" url=https://shop.example/{word}?page={}&q=%20{word}\n",
            id % 5,
            id % 40
        ),
        5 => format!(
            "{{\"ts\":{id},\"event\":\"{word}\",\"user\":\"user-{}\",\"ok\":true}}\n",
            id % 1000
        ),
        6 => format!("UPDATE {} -- {word} batch {}\n", id % 10_000, id % 77),
        _ => format!(
            "Unpacking {word} ({}.{}.{}-{}) over ({}.0) ...\n",
            id % 9,
            id % 20,
            id % 7,
            id % 4,
            id % 9
        ),
    }
}
