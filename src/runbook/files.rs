//! Scripts and SQL files that a plan carries in full.
//!
//! A fence after "Create: `path`" or "File: `path`", with a `#!` line, or with its own path as
//! its first comment where scripts are the subject.

use super::blocks::Fence;
use super::inline::plain;
use super::reading::Reading;
use super::words::{self, Numbered, Role, says_any, slug};
use crate::domain::plan::{PlanFile, Span};

/// Reads the files of a plan.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        for (at, block) in section.blocks.iter().enumerate() {
            let Some(fence) = block
                .fence()
                .filter(|f| f.closed && !f.told.is_decided() && reading.all_free(block))
            else {
                continue;
            };
            if matches!(fence.lang.as_str(), "markdown" | "md" | "mermaid") {
                continue;
            }
            let intro = reading.intro(index, at);
            let named = intro.and_then(|(para, line)| announced(line).map(|path| (para, path)));
            let shebang = fence.code.starts_with("#!") && fence.code.lines().count() > 3;
            let settings = matches!(
                fence.lang.as_str(),
                "yaml"
                    | "yml"
                    | "toml"
                    | "ini"
                    | "conf"
                    | "nginx"
                    | "hcl"
                    | "terraform"
                    | "properties"
            );
            let own = own_path(fence)
                .filter(|_| shebang || settings || section.role == Some(Role::OffPath));
            let path = match (&named, own, shebang) {
                (Some((_, path)), ..) => path.clone(),
                (None, _, true) if is_the_step(reading, index) => continue,
                (None, Some(path), _) => path,
                (None, None, true) => {
                    format!("{}.{}", slug(&section.title), extension(&fence.lang))
                }
                (None, None, false) => continue,
            };
            reading.take(block.atom);
            let mut first = block.span.first;
            if let Some((para, _)) = named
                && let Some(p) = section
                    .blocks
                    .get(para)
                    .filter(|p| p.para().is_some_and(|t| !t.contains('\n')))
                && reading.take(p.atom)
            {
                first = p.span.first;
            }
            reading.plan.files.push(PlanFile {
                path,
                lang: fence.lang.clone(),
                code: fence.code.clone(),
                span: Span {
                    first,
                    last: block.span.last,
                },
            });
        }
    }
}

/// Where a script is all that a step or one of several scenarios says, it is what to do there.
fn is_the_step(reading: &Reading<'_>, index: usize) -> bool {
    std::iter::once(index)
        .chain(reading.outline.above(index))
        .any(|i| {
            let section = reading.section(i);
            section.level > 1
                && matches!(
                    words::numbered(&section.title),
                    Some((Numbered::Choice | Numbered::Step, _))
                )
        })
}

fn extension(lang: &str) -> &str {
    match lang {
        "" | "bash" | "shell" => "sh",
        "python" => "py",
        "javascript" => "js",
        "typescript" => "ts",
        other => other,
    }
}

/// The path that a line announces: "Create: `x`", "**File:** `x`", "Save as `x`:".
fn announced(line: &str) -> Option<String> {
    let text = plain(line);
    let label = text.split([':', '：', ' ']).next().unwrap_or_default();
    let says = says_any(
        label,
        &[
            "create|file|script|save|path|crear|archivo|arquivo|datei|fichier|文件|ファイル",
            "파일|файл|plik",
        ],
    );
    let start = line.find('`')? + 1;
    let inner = line.get(start..)?;
    let path = inner.get(..inner.find('`')?)?;
    let fits = !path.contains([' ', '$', '{', '*'])
        && (path.contains('.') || path.contains('/'))
        && path.len() < 200;
    (says && fits).then(|| path.to_owned())
}

/// The path in the first comment of a script: `# scripts/x.sh`.
fn own_path(fence: &Fence) -> Option<String> {
    let line = fence
        .code
        .lines()
        .map(str::trim)
        .find(|l| !l.starts_with("#!"))?;
    let text = line
        .strip_prefix('#')
        .or_else(|| line.strip_prefix("//"))
        .or_else(|| line.strip_prefix("--"))?
        .trim();
    let name = text.rsplit('/').next()?;
    let (stem, ending) = name.rsplit_once('.')?;
    let fits = !text.contains(' ')
        && !stem.is_empty()
        && (1..=4).contains(&ending.len())
        && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && !text.contains("://")).then(|| text.to_owned())
}
