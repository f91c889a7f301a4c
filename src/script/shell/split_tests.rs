//! Blocks as plans have them, and where they are cut.

use super::{Piece, split};
use proptest::prelude::*;

/// Each piece as (number, title, code), for short expectations.
fn seen(code: &str) -> Vec<(Option<u32>, String, String)> {
    split(code)
        .into_iter()
        .map(|p: Piece| (p.number, p.title, p.code))
        .collect()
}

fn piece(number: u32, title: &str, code: &str) -> (Option<u32>, String, String) {
    let number = (number > 0).then_some(number);
    (number, title.to_owned(), code.to_owned())
}

#[test]
fn numbered_comments_head_pieces() {
    let block = "# 1. Find the tag\ngit tag -l\n# Or use: git log\n\n# 2. Go there\ngit checkout v1\ncd backend\n";
    let pieces = split(block);
    assert_eq!(
        seen(block),
        [
            piece(1, "Find the tag", "git tag -l"),
            piece(2, "Go there", "git checkout v1\ncd backend")
        ]
    );
    assert_eq!(pieces[0].after, [(2, "Or use: git log".to_owned())]);
    assert_eq!((pieces[0].first_line, pieces[0].last_line), (0, 2));
    assert_eq!(
        (
            pieces[1].first_line,
            pieces[1].code_line,
            pieces[1].last_line
        ),
        (4, 5, 6)
    );
}

#[test]
fn numbers_without_blank_lines_cut_too() {
    let block = "# 1. A\na -x\n# 2. B\nb -x\n# Expected: y\n# 3. C\n";
    assert_eq!(
        seen(block),
        [
            piece(1, "A", "a -x"),
            piece(2, "B", "b -x"),
            piece(3, "C", "")
        ]
    );
    assert_eq!(split(block)[1].after, [(4, "Expected: y".to_owned())]);
}

#[test]
fn identical_commands_stay_apart() {
    let block = "cd /srv\n\n# Back 21\nalembic downgrade -1\n\n# Back 20\nalembic downgrade -1\n";
    assert_eq!(
        seen(block),
        [
            piece(0, "", "cd /srv"),
            piece(0, "Back 21", "alembic downgrade -1"),
            piece(0, "Back 20", "alembic downgrade -1")
        ]
    );
}

#[test]
fn heredocs_loops_and_continuations_stay_whole() {
    let block = "# 1. Write\ncat > x << EOF\n# 2. not a comment\n\nDROP\nEOF\n\n# 3. Loop\nfor i in 1 2; do\n  # inside\n  echo $i\n\ndone\n# 4. Dump\npg_dump -h <host> \\\n  -f x\n";
    assert_eq!(
        seen(block),
        [
            piece(
                1,
                "Write",
                "cat > x << EOF\n# 2. not a comment\n\nDROP\nEOF"
            ),
            piece(3, "Loop", "for i in 1 2; do\n  # inside\n  echo $i\n\ndone"),
            piece(4, "Dump", "pg_dump -h <host> \\\n  -f x"),
        ]
    );
}

#[test]
fn comments_alone_are_pieces_without_code() {
    let block =
        "# 2. Drain jobs\n# Watch the board: http://x\n\n# 3. Pause\ncurl -X POST http://x\n";
    let pieces = split(block);
    assert_eq!(seen(block)[0], piece(2, "Drain jobs", ""));
    assert_eq!(
        pieces[0].comments,
        ["2. Drain jobs", "Watch the board: http://x"]
    );
    assert_eq!(pieces[1].title, "Pause");
}

#[test]
fn samples_of_output_belong_to_the_command_above() {
    let block = "# Status\npatronictl list\n\n# Expected output (healthy):\n# | Member | Role |\n# | one | Leader |\n";
    let pieces = split(block);
    assert_eq!(pieces.len(), 1, "{pieces:?}");
    assert_eq!(pieces[0].after.len(), 3);
    assert_eq!(pieces[0].last_line, 5);
}

#[test]
fn comments_beside_a_command_are_kept_and_stay_in_it() {
    let pieces = split("redis-cli FLUSHDB  # If using Redis\n");
    assert_eq!(pieces[0].code, "redis-cli FLUSHDB  # If using Redis");
    assert_eq!(pieces[0].after, [(0, "If using Redis".to_owned())]);
}

#[test]
fn a_comment_right_above_the_next_command_heads_it() {
    let block = "# 8. Resume\ncurl -X POST http://a\n# Wait and monitor\ncurl -X POST http://b\n";
    assert_eq!(
        seen(block),
        [
            piece(8, "Resume", "curl -X POST http://a"),
            piece(0, "Wait and monitor", "curl -X POST http://b")
        ]
    );
}

#[test]
fn an_untitled_block_is_one_piece() {
    let block = "git checkout v1\nnpm ci\n\nnpm run build\n";
    assert_eq!(
        seen(block),
        [piece(0, "", "git checkout v1\nnpm ci\n\nnpm run build")]
    );
}

#[test]
fn nothing_gives_nothing() {
    assert!(split("").is_empty());
    assert!(split("\n  \n").is_empty());
}

#[test]
fn a_very_long_block_is_left_whole() {
    let block = "echo x # y\n".repeat(2_001);
    let pieces = split(&block);
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].last_line, 2_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Every line that is not blank is in exactly one piece, and no command line is lost.
    #[test]
    fn every_line_is_in_one_piece(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "# 1. One\n", "# plain\n", "# Expected: 1\n", "\n", "ls -l\n", "cat <<EOF\n# x\nEOF\n",
            "for i in a; do\n", "done\n", "echo 'a\n", "b'\n", "git x \\\n", "<host> | y\n", ")\n",
            "if true; then\n", "fi\n", "SELECT (\n", "EOF\n",
        ]), 0..14,
    )) {
        let block = parts.concat();
        let pieces = split(&block);
        for (number, line) in block.lines().enumerate() {
            let holders = pieces
                .iter()
                .filter(|p| (p.first_line as usize..=p.last_line as usize).contains(&number))
                .count();
            if line.trim().is_empty() {
                prop_assert!(holders <= 1);
            } else {
                prop_assert_eq!(holders, 1, "line {} of {:?}: {:?}", number, block, pieces);
            }
        }
        let commands = |text: &str| text.matches("ls -l").count();
        let kept: usize = pieces.iter().map(|p| commands(&p.code)).sum();
        prop_assert_eq!(kept, commands(&block));
    }
}
