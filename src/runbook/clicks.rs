//! What a person does at a screen, written into a block of its own: `Click "Run"`.

use super::words::each;

/// Words with which such a line begins and commands do not.
const SURE: &[&str] = &[
    "click|press|select|choose|tap|navigate|go to|open|log in|sign in|scroll|toggle|fill in|drag",
    "haga clic|haz clic|pulse|seleccione|selecciona|elija|abra|clique|selecione|pressione",
    "klicken|klicke|drücken|drücke|wählen|wähle|öffnen|öffne|cliquer|cliquez|sélectionner",
    "sélectionnez|ouvrir|ouvrez|нажмите|нажать|выберите|выбрать|откройте|открыть|kliknij|wybierz",
    "otwórz|点击|选择|打开|單擊|クリック|選択|開く|클릭|선택|열기",
];

/// Words with which it may go on.
const MORE: &[&str] = &[
    "wait|enter|type|confirm|check|set|copy|paste|save|find|look|then|and|under|in|on|espere",
    "escriba|guarde|aguarde|digite|warten|eingeben|speichern|attendre|saisir|подождите|введите",
    "等待|输入|保存|待つ|入力",
];

/// Whether every line of a block tells a person what to do at a screen.
#[must_use]
pub fn asks_for_them(code: &str) -> bool {
    let mut lines = code.lines().map(bare).filter(|l| !l.is_empty());
    let first = lines.next().is_some_and(|l| begins(&l, SURE));
    first && lines.all(|l| begins(&l, SURE) || begins(&l, MORE))
}

/// A line in lower case without its number, bullet or arrow.
fn bare(line: &str) -> String {
    line.trim_start_matches(|c: char| !c.is_alphabetic())
        .trim_end()
        .to_lowercase()
}

fn begins(line: &str, words: &[&str]) -> bool {
    each(words).any(|word| {
        line.strip_prefix(word).is_some_and(|rest| {
            // A verb alone asks for nothing; a script without spaces has no ends of words.
            !rest.is_empty() && (!word.is_ascii() || rest.starts_with([' ', '"', ':']))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_told_from_everything_else() {
        for text in [
            "Click \"Start\"",
            "1. Open the console\n2. Select \"shop\"\n\n3. Wait for the tick",
            "点击“回滚”按钮",
        ] {
            assert!(asks_for_them(text), "{text}");
        }
        for text in [
            "",
            "Click",
            "Opening times\n9 to 5",
            "Select the build\nshop-1 Running",
            "Subject: back again",
            "openssl version",
        ] {
            assert!(!asks_for_them(text), "{text}");
        }
    }
}
