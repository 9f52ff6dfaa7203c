//! Identifiers as Python sees them: two spellings of one name are one name.

use unicode_ident::{is_xid_continue, is_xid_start};
use unicode_normalization::UnicodeNormalization;

use crate::ast::Name;

/// The name that an identifier stands for: its normal form NFKC.
pub(crate) fn normalized(identifier: &str) -> Name {
    if identifier.is_ascii() { identifier.into() } else { identifier.nfkc().collect::<String>().into() }
}

/// The first character that keeps `identifier` from being one for Python, with its byte offset.
pub(crate) fn invalid_character(identifier: &str) -> Option<(usize, char)> {
    if identifier.is_ascii() {
        return None;
    }
    identifier.char_indices().find(|(index, character)| match index {
        0 => *character != '_' && !is_xid_start(*character),
        _ => !is_xid_continue(*character),
    })
}

#[cfg(test)]
mod tests {
    use super::{invalid_character, normalized};

    #[test]
    fn spellings_of_one_name() {
        for (identifier, name) in [
            ("plain_1", "plain_1"),
            ("\u{fb01}rst", "first"),
            ("\u{ff58}", "x"),
            ("e\u{301}", "\u{e9}"),
            ("\u{b5}", "\u{3bc}"),
            ("\u{2115}", "N"),
        ] {
            assert_eq!(&*normalized(identifier), name);
            assert_eq!(invalid_character(identifier), None);
        }
    }

    #[test]
    fn what_is_no_name() {
        assert_eq!(invalid_character("\u{1f600}"), Some((0, '\u{1f600}')));
        assert_eq!(invalid_character("a\u{1f600}b"), Some((1, '\u{1f600}')));
        assert_eq!(invalid_character("\u{301}e"), Some((0, '\u{301}')));
    }
}
