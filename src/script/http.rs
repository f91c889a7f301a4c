//! A request as it is written in a plan: whether it only reads.

use super::Judged;

/// How much harm a request can do, by its method; an address alone is asked for.
#[must_use]
pub fn danger(text: &str) -> Judged {
    let remark = |line: &&str| line.is_empty() || line.starts_with('#') || line.starts_with("//");
    let request = text.lines().map(str::trim).find(|line| !remark(line));
    let words = request.unwrap_or_default().split_whitespace().next();
    let method = words.unwrap_or_default();
    if matches!(method, "GET" | "HEAD") || method.starts_with("http") {
        Judged::reads()
    } else {
        Judged::changes(format!("{method} asks the server to change something"))
    }
}

#[cfg(test)]
mod tests {
    use super::danger;
    use crate::script::Danger;

    #[test]
    fn what_asks_for_something_only_reads() {
        let remarked = "# is it up?\n// as they say\n\nGET http://h/x";
        for text in ["GET http://h/x", "HEAD http://h", "https://h/x", remarked] {
            assert_eq!(danger(text).danger, Danger::None, "{text}");
        }
        for text in [
            "POST http://h/x",
            "# GET\nDELETE http://h",
            "get http://h",
            "",
        ] {
            assert_eq!(danger(text).danger, Danger::Changes, "{text}");
        }
    }
}
