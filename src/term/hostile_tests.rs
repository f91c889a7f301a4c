//! Hostile text, by hand and at random: nothing panics, and nothing that leaves the layer can
//! command a terminal.

use proptest::prelude::{any, prop, prop_assert, proptest};

use super::scrub::is_hidden;
use super::{Emulator, SafeText, Vt, width};

/// What a printable text must not hold.
fn is_forbidden(c: char) -> bool {
    c.is_control() || is_hidden(c)
}

fn assert_harmless(text: &SafeText) {
    for piece in text.pieces() {
        assert!(!piece.text().contains(is_forbidden), "{:?}", piece.text());
    }
}

/// Things that have done harm to terminals, or could.
const NASTY: &[&str] = &[
    "\u{1b}]52;c;cm0gLXJmIH4=\u{7}",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]8;;http://example.invalid\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}P+q544e\u{1b}\\",
    "\u{1b}P$q\"p\u{1b}\\",
    "\u{1b}_Gf=24;AAAA\u{1b}\\",
    "\u{1b}^private\u{1b}\\",
    "\u{1b}X string\u{1b}\\",
    "\u{1b}[6n\u{1b}[c\u{1b}[5n",
    "\u{1b}[?1049h\u{1b}[?1000h\u{1b}[?2004h",
    "\u{1b}[200~rm -rf /\r\u{1b}[201~",
    "\u{1b}[2J\u{1b}[H\u{1b}[3J",
    "\u{1b}c\u{1b}#8\u{1b}(0qqq",
    "\u{9b}31mcsi\u{9d}0;t\u{9c}",
    "\r\u{8}\u{8}\u{8}hidden",
    "safe\u{202e}dne esrever\u{202c}",
    "a\u{200b}b\u{2060}c\u{feff}d\u{ad}e",
    "\u{e0041}\u{e0042}tags",
    "\u{2066}isolate\u{2069}",
    "\u{1b}[38;5;999999999999999999mx\u{1b}[38;2;300;1;1my",
    "\u{1b}[99999999999999999999999b",
    "\u{1b}[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m",
    "\u{1b}[1",
    "\u{1b}",
    "\u{0}\u{1}\u{2}\u{7f}",
    "\u{3164}\u{115f}\u{ffa0}",
];

#[test]
fn nasty_text_is_harmless_alone_and_in_pairs() {
    for one in NASTY {
        assert_harmless(&SafeText::new(one));
        for other in NASTY {
            assert_harmless(&SafeText::new(&format!("{one}x{other}")));
        }
    }
}

#[test]
fn cells_are_printable_whatever_was_printed() {
    for one in NASTY {
        let mut screen = Emulator::new(40, 6);
        screen.feed(one.as_bytes());
        screen.feed("after\r\n\u{1b}[2;2H界é\tx".as_bytes());
        assert_rows_are_harmless(&screen);
    }
}

fn assert_rows_are_harmless(screen: &Emulator) {
    let (columns, rows) = screen.size();
    for row in 0..rows {
        let cells = screen.row(row);
        let total: usize = cells.iter().map(|cell| usize::from(cell.width)).sum();
        assert_eq!(total, usize::from(columns), "row {row}");
        for cell in cells {
            assert!(!is_forbidden(cell.glyph), "{cell:?}");
            assert!(!cell.marks.iter().any(|c| is_forbidden(*c)), "{cell:?}");
        }
    }
}

#[test]
fn a_program_gets_answers_and_the_terminal_outside_gets_nothing() {
    let mut screen = Emulator::new(80, 24);
    assert!(screen.feed(b"\x1b[c").starts_with(b"\x1b[?"));
    assert_eq!(screen.feed(b"\x1b[3;5H\x1b[6n"), b"\x1b[3;5R");
    assert_eq!(screen.feed(b"\x1b]52;c;?\x07\x1b]0;title\x07\x07"), b"");
    let flood = b"\x1b[6n".repeat(100_000);
    assert!(screen.feed(&flood).len() <= 4_096);
}

proptest! {
    #[test]
    fn random_text_is_harmless(text in any::<String>(), columns in 0usize..40) {
        let safe = SafeText::new(&text);
        assert_harmless(&safe);
        prop_assert!(safe.truncate(columns).width() <= columns);
        for line in safe.wrap(columns.max(2)) {
            assert_harmless(&line);
        }
    }

    #[test]
    fn random_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let safe = SafeText::from_bytes(&bytes);
        assert_harmless(&safe);
        prop_assert!(safe.width() == width(&safe.plain()));
    }

    #[test]
    fn the_screen_survives_anything(
        chunks in prop::collection::vec(
            prop::collection::vec(
                prop::sample::select(b"\x1b[]0123456789;?mHJKhlABCDrLMPX@\r\n\t\x08 az\xe7\x95\x8c\xcc\x81\xff".to_vec()),
                0..60,
            ),
            0..8,
        ),
        sizes in prop::collection::vec((0u16..60, 0u16..20), 8),
    ) {
        let mut screen = Emulator::new(20, 5);
        for (chunk, (columns, rows)) in chunks.iter().zip(sizes) {
            screen.feed(chunk);
            screen.resize(columns, rows);
            assert_rows_are_harmless(&screen);
        }
        screen.settle();
        prop_assert!(screen.cursor().is_none_or(|(x, y)| x < screen.size().0 && y < screen.size().1));
    }
}
