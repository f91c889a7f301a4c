//! What the scanner makes of the ways in which people write Markdown.

use super::*;

fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    scan(&lines, 0).blocks
}

fn outline(blocks: &[Block]) -> String {
    blocks.iter().map(outline_of).collect::<Vec<_>>().join(" ")
}

fn outline_of(block: &Block) -> String {
    match &block.kind {
        Kind::Heading(level, text) => format!("h{level}:{text}"),
        Kind::Para(text) => format!("p:{}", text.replace('\n', "/")),
        Kind::Fence(f) => format!("f:{}", f.lang),
        Kind::Comment(text) => format!("c:{text}"),
        Kind::Table(g) => format!("t:{}x{}", g.columns.len(), g.rows.len()),
        Kind::List(l) => {
            let items: Vec<String> = l
                .items
                .iter()
                .map(|e| format!("{}[{}]", e.text.replace('\n', "/"), outline(&e.children)))
                .collect();
            format!(
                "{}({})",
                if l.ordered { "ol" } else { "ul" },
                items.join(" ")
            )
        }
    }
}

#[test]
fn lists_nest_by_column() {
    let text = "1. **One**\n   - a\n   - b\n     deeper\n2. Two\n   ```sh\n   ls\n   ```\nend";
    assert_eq!(
        outline(&blocks(text)),
        "ol(**One**[ul(a[] b/deeper[])] Two[f:sh p:end])",
        "a lazy line goes on with the item"
    );
    assert_eq!(outline(&blocks("- a\n\nafter")), "ul(a[]) p:after");
}

#[test]
fn what_stands_at_column_0_between_two_numbers_belongs_to_the_first() {
    let text = "1. First\n\n```sh\nls\n```\n\nnote\n\n2. Second\n\nafter\n";
    assert_eq!(
        outline(&blocks(text)),
        "ol(First[f:sh p:note] Second[]) p:after"
    );
}

#[test]
fn task_items_and_tables() {
    let found = blocks("- [ ] a\n- [x] b\n\n| A | B |\n|---|---|\n| 1 \\| 2 | `x|y` |\n| only |\n");
    let Kind::List(list) = &found[0].kind else {
        panic!("a list")
    };
    assert_eq!(
        list.items.iter().map(|i| i.task).collect::<Vec<_>>(),
        [Some(false), Some(true)]
    );
    let Kind::Table(grid) = &found[1].kind else {
        panic!("a table")
    };
    assert_eq!(grid.rows[0].cells, ["1 | 2", "`x|y`"]);
    assert_eq!(grid.rows[1].cells, ["only", ""]);
}

#[test]
fn headings_of_both_kinds_and_comments() {
    let text = "Title\n=====\n\n## Part ##\ntext\n<!-- backout: ignore -->\n\n---\n";
    assert_eq!(
        outline(&blocks(text)),
        "h1:Title h2:Part p:text c:backout: ignore"
    );
}

#[test]
fn comparisons_are_no_quotations() {
    assert_eq!(
        outline(&blocks("> **Note** well\n> more\n\n- > 25% errors")),
        "p:**Note** well/more ul(> 25% errors[])"
    );
}

#[test]
fn spans_are_lines_of_the_file() {
    let found = blocks("a\n\n- x\n  ```\n  y\n  ```\n\nz");
    let spans: Vec<(u32, u32)> = found.iter().map(|b| (b.span.first, b.span.last)).collect();
    assert_eq!(spans, [(1, 1), (3, 6), (8, 8)]);
}
