//! What is on this machine: the programs of the search path.

use std::path::Path;

/// Whether the search path has a program of that name.
pub fn has_program(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| is_executable(&dir.join(program)))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::has_program;

    #[test]
    fn programs_are_told_from_other_words() {
        assert!(has_program("sh"));
        assert!(!has_program("no-such-program-x"));
    }
}
