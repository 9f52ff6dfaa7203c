//! Instructions in the text of a module of LLVM's intermediate representation.

use std::collections::{HashMap, HashSet};

/// Functions that stand for no machine code.
const WITHOUT_CODE: [&str; 4] =
    ["@llvm.dbg.", "@llvm.lifetime.", "@llvm.assume(", "@llvm.experimental.noalias.scope.decl("];

/// What a module defines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions<'text> {
    functions: HashMap<&'text str, Definition<'text>>,
}

/// A function that is defined.
#[derive(Clone, Debug, Default)]
struct Definition<'text> {
    instructions: usize,
    /// The globals that it mentions.
    mentions: HashSet<&'text str>,
}

impl<'text> Definitions<'text> {
    /// Reads the text of a module, as LLVM prints it.
    pub(crate) fn of(text: &'text str) -> Self {
        let mut found = Self::default();
        let mut current: Option<&mut Definition<'_>> = None;
        for line in text.lines() {
            if line.starts_with("define ") {
                let name = globals(line).next().unwrap_or_default();
                current = Some(found.functions.entry(name).or_default());
            } else if line.starts_with('}') {
                current = None;
            } else if let Some(definition) = &mut current
                && let Some(code) = line.strip_prefix("  ")
            {
                definition.mentions.extend(globals(code));
                // What is further in goes on from the line before, and `]` ends it; `#` begins records for debuggers.
                let begins = code.starts_with(|first: char| first.is_ascii_alphabetic() || first == '%');
                let has_code = !WITHOUT_CODE.iter().any(|name| code.contains(name));
                definition.instructions += usize::from(begins && has_code);
            }
        }
        found
    }

    /// The instructions of a function and of those that the module defines for it: what it mentions, each once. `None`
    /// where it is not defined.
    pub(crate) fn instructions(&self, name: &str) -> Option<usize> {
        let (first, _) = self.functions.get_key_value(name)?;
        let (mut pending, mut seen) = (vec![*first], HashSet::from([*first]));
        let mut sum = 0;
        while let Some(name) = pending.pop() {
            let Some(definition) = self.functions.get(name) else {
                continue;
            };
            sum += definition.instructions;
            pending.extend(definition.mentions.iter().filter(|name| seen.insert(**name)));
        }
        Some(sum)
    }

    /// Whether a function that is defined mentions a global whose name begins so.
    pub(crate) fn mentions(&self, prefix: &str) -> bool {
        self.functions.values().any(|definition| definition.mentions.iter().any(|name| name.starts_with(prefix)))
    }
}

/// The names of globals in a line, without quotes.
fn globals(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('@').map(|(at, _)| {
        let rest = &line[at + 1..];
        match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => {
                let is_part = |part: char| part.is_ascii_alphanumeric() || "._$-".contains(part);
                &rest[..rest.find(|part| !is_part(part)).unwrap_or(rest.len())]
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Definitions;

    const TEXT: &str = "\
@data = global ptr null

; Function Attrs: nounwind
define void @\"cfunc.node-1\"(i8 %0, ptr %1) #0 {
entry:
  call void @llvm.lifetime.start.p0(ptr %1)
    #dbg_value(i8 %0, !1, !DIExpression(), !2)
  switch i8 %0, label %done [
    i8 0, label %run
    i8 1, label %done
  ]

run:                                              ; preds = %entry
  %value = call i64 @helper(i64 2)
  store i64 %value, ptr %1, align 8
  br label %done

done:
  ret void
}

define internal i64 @helper(i64 %0) {
  %2 = tail call i64 @cfunc_list_length(i64 %0)
  ret i64 %2
}

define i64 @other() {
  ret i64 0
}

declare i64 @cfunc_list_length(i64)
";

    #[test]
    fn instructions_are_counted_with_those_of_what_is_called() {
        let definitions = Definitions::of(TEXT);
        assert_eq!(definitions.instructions("cfunc.node-1"), Some(5 + 2));
        assert_eq!(definitions.instructions("helper"), Some(2));
        assert_eq!(definitions.instructions("cfunc_list_length"), None);
        assert!(definitions.mentions("cfunc_list_"));
        assert!(!definitions.mentions("cfunc_dict_"));
    }
}
