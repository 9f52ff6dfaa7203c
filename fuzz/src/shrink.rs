//! Makes a failing program smaller, as long as it fails in the same way.

use cfunc_compiler::Value;

use crate::calls::Plain;
use crate::host::words_of;
use crate::kind::Kind;
use crate::program::has_word;
use crate::tree::{ATOM, Clause, Expression, Piece, Program, Statement};

/// The smallest program found that fails in the same way, by at most so many tries.
pub fn shrink(program: &Program, tries: usize, mut fails: impl FnMut(&Program) -> bool) -> Program {
    let mut best = program.clone();
    let mut left = tries;
    let mut attempt = |best: &mut Program, candidate: Program, left: &mut usize| {
        if *left == 0 || candidate == *best {
            return false;
        }
        *left -= 1;
        let smaller = fails(&candidate);
        if smaller {
            *best = candidate;
        }
        smaller
    };
    loop {
        let size = best.size();
        let reductions =
            [reduce_ticks, reduce_statements, reduce_names, reduce_surroundings, reduce_expressions, reduce_values];
        for reduce in reductions {
            let mut index = 0;
            // A reduction that helped is tried at the same place again: what follows moved up.
            while let Some(candidate) = reduce(&best, index) {
                if !attempt(&mut best, candidate, &mut left) {
                    index += 1;
                }
                if left == 0 {
                    return best;
                }
            }
        }
        if best.size() >= size {
            return best;
        }
    }
}

/// Removes a tick or a call: the last first.
fn reduce_ticks(program: &Program, index: usize) -> Option<Program> {
    let mut smaller = program.clone();
    if let Some(plain) = &mut smaller.plain {
        plain.calls.remove(plain.calls.len().checked_sub(index + 1)?);
        return Some(smaller);
    }
    let position = program.ticks.len().checked_sub(index + 1)?;
    smaller.ticks.remove(position);
    Some(smaller)
}

/// Removes a statement, replaces one by its block, or removes a clause.
fn reduce_statements(program: &Program, index: usize) -> Option<Program> {
    let mut smaller = program.clone();
    let mut left = index;
    let mut done = reduce_block(&mut smaller.body, &mut left);
    for function in smaller.helpers.iter_mut().chain(&mut smaller.lifecycle) {
        // The last statement of a helper is its result.
        let keep = usize::from(function.header.starts_with("def "));
        if !done && function.body.len() > keep {
            let last = function.body.split_off(function.body.len() - keep);
            done = reduce_block(&mut function.body, &mut left);
            function.body.extend(last);
        }
    }
    done.then_some(smaller)
}

fn reduce_block(block: &mut Vec<Statement>, left: &mut usize) -> bool {
    let mut position = block.len();
    while position > 0 {
        position -= 1;
        let statement = &block[position];
        if !statement.pinned {
            if *left == 0 {
                block.remove(position);
                return true;
            }
            *left -= 1;
            let cases = statement.clauses.first().filter(|clause| is_of(clause, "match "));
            for case in cases.and_then(|clause| clause.body.as_ref()).into_iter().flatten() {
                let Some(body) = body_of_case(case) else { continue };
                if *left == 0 {
                    block.splice(position..=position, body);
                    return true;
                }
                *left -= 1;
            }
            let statement = &block[position];
            let clauses = statement.clauses.len();
            for clause in 0..clauses {
                let Some(body) = &block[position].clauses[clause].body else { continue };
                let is_block = !is_of(&block[position].clauses[0], "match ");
                if is_block && !body.iter().any(|inner| is_of(&inner.clauses[0], "case ")) {
                    if *left == 0 {
                        let body = body.clone();
                        block.splice(position..=position, body);
                        return true;
                    }
                    *left -= 1;
                }
                if block[position].clauses[clause].optional {
                    if *left == 0 {
                        block[position].clauses.remove(clause);
                        return true;
                    }
                    *left -= 1;
                }
            }
        }
        for clause in &mut block[position].clauses {
            if let Some(body) = &mut clause.body
                && reduce_block(body, left)
            {
                return true;
            }
        }
    }
    false
}

/// The block of a case, after assignments of literals to what the pattern binds and the block reads; `None` where a name
/// is of a kind without literals.
fn body_of_case(case: &Statement) -> Option<Vec<Statement>> {
    let [Clause { header, body: Some(body), .. }] = case.clauses.as_slice() else { return None };
    let Some(Piece::Text(pattern)) = header.first() else { return None };
    let mut statements = Vec::new();
    for name in captured_names(pattern) {
        let Some(kind) = kind_read(body, name) else { continue };
        let text = literal_of(kind)?;
        let header = vec![Piece::Text(format!("{name} = {text}"))];
        let clauses = vec![Clause { header, body: None, optional: false }];
        statements.push(Statement { construct: case.construct, clauses, pinned: false, oracle_only: false });
    }
    statements.extend(body.iter().cloned());
    Some(statements)
}

/// The names that the generator makes for what patterns bind: `m` and a number.
fn captured_names(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').filter(|word| {
        word.strip_prefix('m').is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
    })
}

/// The kind that a name is first read with in a block.
fn kind_read(block: &[Statement], name: &str) -> Option<Kind> {
    fn in_pieces(pieces: &[Piece], name: &str) -> Option<Kind> {
        pieces.iter().find_map(|piece| match piece {
            Piece::Hole(expression, _) => match expression.pieces.as_slice() {
                [Piece::Text(text)] if text == name => Some(expression.kind),
                pieces => in_pieces(pieces, name),
            },
            Piece::Text(_) => None,
        })
    }
    block.iter().flat_map(|statement| &statement.clauses).find_map(|clause| {
        in_pieces(&clause.header, name).or_else(|| clause.body.as_ref().and_then(|inner| kind_read(inner, name)))
    })
}

fn is_of(clause: &Clause, word: &str) -> bool {
    matches!(clause.header.first(), Some(Piece::Text(text)) if text.starts_with(word))
}

/// Removes everything that names a local whose statements are pinned to each other.
fn reduce_names(program: &Program, index: usize) -> Option<Program> {
    let mut names = Vec::new();
    pinned_names(&program.body, &mut names);
    let name = names.get(index)?;
    let mut smaller = program.clone();
    remove_name(&mut smaller.body, name);
    Some(smaller)
}

fn pinned_names(block: &[Statement], names: &mut Vec<String>) {
    for statement in block {
        if let [Clause { header, body: None, .. }] = statement.clauses.as_slice()
            && statement.pinned
            && let Some(Piece::Text(text)) = header.first()
            && let Some((name, _)) = text.split_once(' ')
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
        statement.clauses.iter().filter_map(|clause| clause.body.as_ref()).for_each(|body| pinned_names(body, names));
    }
}

fn remove_name(block: &mut Vec<Statement>, name: &str) {
    block.retain(|statement| !statement.clauses.iter().any(|clause| mentions(&clause.header, name)));
    for clause in block.iter_mut().flat_map(|statement| &mut statement.clauses) {
        clause.body.iter_mut().for_each(|body| remove_name(body, name));
    }
}

fn mentions(pieces: &[Piece], name: &str) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Text(text) => has_word(text, name),
        Piece::Hole(expression, _) => mentions(&expression.pieces, name),
    })
}

/// Removes what stands around the body and is not used.
fn reduce_surroundings(program: &Program, index: usize) -> Option<Program> {
    let mut smaller = program.clone();
    let mut left = index;
    if let Some(plain) = &mut smaller.plain
        && reduce_plain(plain, &mut left)
    {
        return Some(smaller);
    }
    let mut take = |length: usize| {
        let found = left < length;
        let position = left;
        if !found {
            left -= length;
        }
        found.then_some(position)
    };
    if let Some(position) = take(smaller.module.len()) {
        smaller.module.remove(position);
    } else if let Some(position) = take(smaller.helpers.len()) {
        smaller.helpers.remove(position);
    } else if let Some(position) = take(smaller.lifecycle.len()) {
        smaller.lifecycle.remove(position);
    } else if let Some(position) = take(smaller.states.len()) {
        smaller.states.remove(position);
    } else if let Some(position) = take(smaller.constants.len()) {
        smaller.constants.remove(position);
    } else if let Some(position) = take(smaller.inputs.len().saturating_sub(1)) {
        smaller.inputs.remove(position + 1);
        for tick in &mut smaller.ticks {
            tick.values.remove(position + 1);
            tick.ticked.remove(position + 1);
            tick.valid.remove(position + 1);
        }
    } else {
        match left {
            0 => smaller.python_errors = false,
            1 => smaller.checked_integers = false,
            2 => "@node\n".clone_into(&mut smaller.decorators),
            3 => smaller.text_annotations = false,
            4 => smaller.keyword_only = false,
            _ => return None,
        }
    }
    Some(smaller)
}

/// Removes a parameter with what is given for it, or makes how it is declared and called simpler.
fn reduce_plain(plain: &mut Plain, left: &mut usize) -> bool {
    let mut now = || {
        let now = *left == 0;
        *left = left.saturating_sub(1);
        now
    };
    for index in 0..plain.parameters.len() {
        if plain.parameters.len() > 1 && now() {
            let parameter = plain.parameters.remove(index);
            for call in &mut plain.calls {
                let by_position = call.arguments.iter().filter(|argument| argument.keyword.is_none()).count();
                let named =
                    call.arguments.iter().position(|argument| argument.keyword.as_ref() == Some(&parameter.name));
                let Some(position) = named.or((index < by_position).then_some(index)) else { continue };
                call.arguments.remove(position);
                let after = |index: usize| (index != position).then(|| index - usize::from(index > position));
                call.spoiled = call.spoiled.and_then(after);
                for argument in &mut call.arguments {
                    argument.same_as = argument.same_as.and_then(after);
                }
            }
            return true;
        }
        let parameter = &mut plain.parameters[index];
        for flag in [&mut parameter.is_annotated, &mut parameter.keyword_only] {
            if *flag && now() {
                *flag = false;
                return true;
            }
        }
        if parameter.default.is_some() && now() {
            parameter.default = None;
            return true;
        }
    }
    if plain.is_closed && now() {
        plain.is_closed = false;
        return true;
    }
    for call in &mut plain.calls {
        if call.by_handle && now() {
            call.by_handle = false;
            call.arguments.iter_mut().for_each(|argument| argument.same_as = None);
            return true;
        }
        for argument in &mut call.arguments {
            if argument.same_as.is_some() && now() {
                argument.same_as = None;
                return true;
            }
        }
    }
    false
}

/// Makes a part of a value simpler.
fn simplify(value: &mut Value, left: &mut usize) -> bool {
    let mut now = |is_other: bool| {
        let now = is_other && *left == 0;
        *left = left.saturating_sub(usize::from(is_other));
        now
    };
    let simple = match value {
        Value::Integer(number) => {
            [0, 1].into_iter().take_while(|simple| number != simple).find(|_| now(true)).map(Value::Integer)
        }
        Value::Float(number) => {
            let is_other = |simple: &f64| number.to_bits() != simple.to_bits();
            [0.0, 1.5].into_iter().take_while(is_other).find(|_| now(true)).map(Value::Float)
        }
        Value::Boolean(truth) => now(*truth).then_some(Value::Boolean(false)),
        Value::Datetime(time) => now(*time != 0).then_some(Value::Datetime(0)),
        Value::Timedelta(time) => now(*time != 0).then_some(Value::Timedelta(0)),
        Value::List(values) => {
            for index in (0..values.len()).rev() {
                if now(true) {
                    values.remove(index);
                    return true;
                }
            }
            None
        }
        Value::Dict(entries) => {
            for index in (0..entries.len()).rev() {
                if now(true) {
                    entries.remove(index);
                    return true;
                }
            }
            None
        }
        _ => None,
    };
    if let Some(simple) = simple {
        *value = simple;
        return true;
    }
    match value {
        Value::List(values) | Value::Tuple(values) => values.iter_mut().any(|value| simplify(value, left)),
        Value::Dict(entries) => entries.iter_mut().any(|(_, value)| simplify(value, left)),
        // Members are what they are.
        Value::Record(_, fields) if !fields.iter().any(|(name, _)| name == "value" || name == "class") => {
            fields.iter_mut().any(|(_, value)| simplify(value, left))
        }
        _ => false,
    }
}

/// Replaces an expression by one of its operands of the same kind, or by a literal.
fn reduce_expressions(program: &Program, index: usize) -> Option<Program> {
    let mut smaller = program.clone();
    let mut left = index;
    let mut done = reduce_in_block(&mut smaller.body, &mut left);
    for function in smaller.helpers.iter_mut().chain(&mut smaller.lifecycle) {
        done = done || reduce_in_block(&mut function.body, &mut left);
    }
    done.then_some(smaller)
}

fn reduce_in_block(block: &mut [Statement], left: &mut usize) -> bool {
    block.iter_mut().any(|statement| {
        statement.clauses.iter_mut().any(|clause| {
            reduce_in_pieces(&mut clause.header, left)
                || clause.body.as_mut().is_some_and(|body| reduce_in_block(body, left))
        })
    })
}

fn reduce_in_pieces(pieces: &mut [Piece], left: &mut usize) -> bool {
    pieces.iter_mut().any(|piece| match piece {
        Piece::Text(_) => false,
        Piece::Hole(expression, _) => reduce_expression(expression, left),
    })
}

fn reduce_expression(expression: &mut Expression, left: &mut usize) -> bool {
    if !expression.pinned {
        let mut operands = Vec::new();
        operands_of_kind(&expression.pieces, expression.kind, &mut operands);
        for operand in operands {
            if *left == 0 {
                *expression = operand;
                return true;
            }
            *left -= 1;
        }
        if let Some(literal) = literal(expression) {
            if *left == 0 {
                *expression = literal;
                return true;
            }
            *left -= 1;
        }
    }
    reduce_in_pieces(&mut expression.pieces, left)
}

/// The outermost operands of a kind.
fn operands_of_kind(pieces: &[Piece], kind: Kind, found: &mut Vec<Expression>) {
    for piece in pieces {
        if let Piece::Hole(operand, _) = piece {
            if operand.kind == kind {
                found.push(operand.clone());
            } else {
                operands_of_kind(&operand.pieces, kind, found);
            }
        }
    }
}

/// The simplest literal in the place of an expression, unless it is one.
fn literal(expression: &Expression) -> Option<Expression> {
    let text = literal_of(expression.kind)?;
    let is_literal = match expression.pieces.as_slice() {
        [Piece::Text(text)] => !text.starts_with(|first: char| first.is_ascii_alphabetic()) || text == "True",
        _ => false,
    };
    let pieces = vec![Piece::Text(text.to_owned())];
    (!is_literal).then(|| Expression { pieces, precedence: ATOM, conversion: None, ..expression.clone() })
}

fn literal_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Int => Some("1"),
        Kind::Float => Some("1.5"),
        Kind::Bool => Some("True"),
        _ => None,
    }
}

/// Makes values of inputs and constants simpler.
fn reduce_values(program: &Program, index: usize) -> Option<Program> {
    let mut smaller = program.clone();
    let mut left = index;
    if let Some(plain) = &mut smaller.plain {
        let values = plain.calls.iter_mut().filter(|call| call.spoiled.is_none());
        let mut values = values.flat_map(|call| &mut call.arguments).map(|one| &mut one.value);
        return values.any(|value| simplify(value, &mut left)).then_some(smaller);
    }
    let kinds: Vec<Kind> = smaller.inputs.iter().map(|input| input.kind).collect();
    let one = |kind: Kind| if kind == Kind::Float { 1.5_f64.to_bits().cast_signed() } else { 1 };
    let cells = smaller.constants.iter_mut().map(|constant| (constant.kind, &mut constant.value));
    let inputs = smaller.ticks.iter_mut().flat_map(|tick| kinds.iter().copied().zip(&mut tick.values));
    let inputs = inputs.filter_map(|(kind, value)| value.as_mut().map(|value| (kind, value)));
    for (kind, words) in cells.chain(inputs) {
        for (part, word) in words_of(kind).into_iter().zip(words) {
            for simple in [0, one(part.kind)] {
                if *word == simple {
                    break;
                }
                if left == 0 {
                    *word = simple;
                    return Some(smaller);
                }
                left -= 1;
            }
        }
    }
    None
}
