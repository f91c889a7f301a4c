//! Chinese as it is written in Taiwan and Hong Kong, held against words that are kept in the
//! simplified form: one table here instead of each word twice everywhere.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Each traditional character and, behind it, the simplified one of the same word.
const PAIRS: &[&str] = &[
    "個个們们備备傳传優优內内兩两別别刪删則则動动務务協协參参問问啟启單单嚴严圍围圖图",
    "執执報报場场壞坏實实審审對对導导層层帶带庫库後后從从復复應应換换擇择據据擴扩數数",
    "斷断時时條条構构標标檔档檢检權权歷历歸归殘残況况減减測测溫温滾滚為为無无狀状現现",
    "環环當当發发監监確确種种簽签級级結结絡络給给經经維维網网緊紧線线緩缓總总繫系繼继",
    "續续聯联腦脑與与處处見见規规視视觸触記记設设評评詢询試试認认誤误說说調调證证護护",
    "變变負负責责資资軟软載载輕轻輸输這这連连進进運运過过達达遠远遷迁選选還还釋释銷销",
    "錄录錯错鍵键鐘钟鑒鉴長长門门閉闭開开間间關关隊队階阶險险雜杂電电響响頁页頂顶項项",
    "須须預预題题額额顯显驅驱驗验驟骤點点",
];

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for row in PAIRS {
        let mut chars = row.chars();
        while let (Some(traditional), Some(simplified)) = (chars.next(), chars.next()) {
            all.insert(traditional, simplified);
        }
    }
    all
});

/// The text in simplified characters, byte for byte in the same places; none where it has none
/// that would change.
pub(super) fn simplified(text: &str) -> Option<String> {
    let known = &*SIMPLIFIED;
    let is_han = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}');
    if !text.chars().any(|c| is_han(c) && known.contains_key(&c)) {
        return None;
    }
    let changed = |c: char| known.get(&c).copied().unwrap_or(c);
    Some(text.chars().map(changed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_and_only_what_is_known_changes() {
        assert_eq!(simplified("嚴重度 P0").as_deref(), Some("严重度 P0"));
        assert_eq!(
            simplified("回滾檢查").map(|t| t.len()),
            Some("回滾檢查".len())
        );
        for text in ["plain", "严重", "ロールバック", "откат", ""] {
            assert_eq!(simplified(text), None, "{text}");
        }
        for (traditional, simplified) in &*SIMPLIFIED {
            assert_eq!(traditional.len_utf8(), simplified.len_utf8());
            assert!(!SIMPLIFIED.contains_key(simplified), "{simplified}");
        }
    }
}
