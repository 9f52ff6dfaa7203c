//! Which functions of a source are mentioned in it, and may so be called by others.

use std::collections::HashSet;

use crate::ast::{Expression, ExpressionKind, Module};
use crate::functions;
use crate::visit::{Visitor, walk_expression, walk_statements};

/// How deep a tree may be that is searched: the search recurses too, on the caller's stack.
const DEPTH_SEARCHED: usize = 30;

/// How many functions of a module are mentioned anywhere in it; of a deep one, how many there are.
pub(crate) fn functions_mentioned(module: &Module, depth: usize) -> usize {
    let count = functions(module).count();
    // A source of one function has nothing that it could call.
    if count <= 1 || depth > DEPTH_SEARCHED {
        return count;
    }
    let names: HashSet<&str> = functions(module).map(|function| &*function.name).collect();
    let mut mentioned = Mentioned { functions: names, count: 0 };
    walk_statements(&mut mentioned, &module.body);
    mentioned.count
}

/// Counts the functions whose names are read somewhere.
struct Mentioned<'a> {
    functions: HashSet<&'a str>,
    count: usize,
}

impl Visitor for Mentioned<'_> {
    fn expression(&mut self, expression: &Expression) {
        if let ExpressionKind::Name { name, .. } = &expression.kind
            && self.functions.remove(&**name)
        {
            self.count += 1;
        }
        walk_expression(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Limits, parse};

    #[test]
    fn functions_that_may_be_called_are_counted() {
        let mentioned = |source: &str| parse(source, &Limits::default()).functions_mentioned;
        assert_eq!(mentioned("x = 1\n"), 0);
        assert_eq!(mentioned("def f(x): return x\n"), 1);
        let source = "def f(x): return x\ndef g(x): return f(f(x))\ndef h(x): return x\n";
        assert_eq!(mentioned(source), 1);
        assert_eq!(mentioned(&format!("{source}@h.start\ndef k(): pass\n")), 2);
        let deep = format!("{source}def k(x): return {}x\n", "-".repeat(100));
        assert_eq!(mentioned(&deep), 4);
    }
}
