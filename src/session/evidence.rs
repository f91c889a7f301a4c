//! Where evidence lies and how much of it is read for judging.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use alacritty_terminal::vte::{Parser, Perform};

use crate::domain::ids::AttemptId;

/// Bytes from the start and from the end of an output that are judged; more than any check
/// prints, and little enough to read at once.
const JUDGED: u64 = 4 << 20;

/// Name of the file with what an attempt printed.
pub(super) const OUTPUT: &str = "output";

/// The evidence directory of an attempt, within an incident's directory.
#[must_use]
pub fn dir(incident_dir: &Path, id: AttemptId) -> PathBuf {
    incident_dir.join("evidence").join(id.to_string())
}

/// The output of an attempt as plain text, control sequences taken out; of a very long one its
/// beginning and its end. And whether it is all of it.
#[must_use]
pub fn plain_text(dir: &Path) -> (String, bool) {
    let (bytes, whole) = read_ends(&dir.join(OUTPUT)).unwrap_or_default();
    (plain(&bytes), whole)
}

fn read_ends(path: &Path) -> std::io::Result<(Vec<u8>, bool)> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if length <= JUDGED * 2 {
        file.read_to_end(&mut bytes)?;
        return Ok((bytes, true));
    }
    file.by_ref().take(JUDGED).read_to_end(&mut bytes)?;
    bytes.push(b'\n');
    file.seek(SeekFrom::Start(length - JUDGED))?;
    file.read_to_end(&mut bytes)?;
    Ok((bytes, false))
}

/// Bytes of a terminal as text: control sequences taken out, each overwritten version of a line
/// (a progress bar) a line of its own, invalid bytes as U+FFFD.
#[must_use]
pub fn plain(bytes: &[u8]) -> String {
    let mut text = Plain::default();
    Parser::new().advance(&mut text, bytes);
    text.text
}

#[derive(Default)]
struct Plain {
    text: String,
    returned: bool,
}

impl Plain {
    /// A carriage return that no newline follows begins a new version of the line.
    fn settle_return(&mut self) {
        if std::mem::take(&mut self.returned) && !self.text.is_empty() && !self.text.ends_with('\n')
        {
            self.text.push('\n');
        }
    }
}

impl Perform for Plain {
    fn print(&mut self, c: char) {
        self.settle_return();
        self.text.push(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.returned = false;
                self.text.push('\n');
            }
            b'\r' => self.returned = true,
            b'\t' => self.print('\t'),
            8 => {
                self.text.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn control_sequences_go_and_overwritten_lines_stay() {
        assert_eq!(plain(b"\x1b[31mred\x1b[0m\r\nnext\r\n"), "red\nnext\n");
        assert_eq!(plain(b" 10%\r 50%\r100%\n"), " 10%\n 50%\n100%\n");
        assert_eq!(plain(b"\x1b]0;title\x07body"), "body");
        assert_eq!(plain(b"a\xffb"), "a\u{fffd}b");
    }
}
