//! The lines of a script as its author sees them: one that goes on is one with what it goes on in.

/// The lines from the beginning of the command or pipeline that goes on in a line, up to that line
/// (counted from 1), with the number of the first; none where there is no such line. Of what is
/// joined by `&&` each part is a command with a line of its own.
#[must_use]
pub fn lines_up_to(code: &str, line: u32) -> Option<(usize, Vec<&str>)> {
    let lines: Vec<&str> = code.lines().collect();
    let last = usize::try_from(line).ok()?.checked_sub(1)?;
    let goes_on = |line: &str| {
        let line = line.trim_end();
        line.ends_with('\\') || line.ends_with('|') && !line.ends_with("||")
    };
    let mut first = last;
    while first > 0 && lines.get(first - 1).is_some_and(|line| goes_on(line)) {
        first -= 1;
    }
    Some((first + 1, lines.get(first..=last)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::lines_up_to;

    #[test]
    fn what_goes_on_begins_where_it_begins() {
        let code = "a &&\nb |\n  c \\\n  d\ne";
        let first = |line| lines_up_to(code, line).map(|(first, lines)| (first, lines.len()));
        let found: Vec<_> = (0..=6).map(first).collect();
        let here = |first, count| Some((first, count));
        let four = [here(2, 1), here(2, 2), here(2, 3), here(5, 1)];
        assert_eq!(found[2..6], four);
        assert_eq!((found[0], found[1], found[6]), (None, here(1, 1), None));
    }
}
