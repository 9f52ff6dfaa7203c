//! Which column feeds which input.

use cfunc_compiler::CompilationResult;

use crate::cell::{CellKind, shown};
use crate::constant::split_assignment;
use crate::failure::Failure;

/// An input of the node and the column that feeds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The name of the input.
    pub(crate) input: String,
    /// The column, from 0.
    pub(crate) column: usize,
    /// What the column holds.
    pub(crate) kind: CellKind,
}

/// An input as the command line and the node describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedColumn {
    /// The input's name.
    input: String,
    /// The column's name.
    column: String,
    /// What the column holds.
    kind: CellKind,
}

/// Reads the `--column` arguments against the inputs of a node.
pub(crate) fn wanted_columns(result: &CompilationResult, arguments: &[String]) -> Result<Vec<WantedColumn>, Failure> {
    let inputs = result.inputs();
    if inputs.is_empty() {
        return Err(Failure::usage(format!("`{}` has no inputs, so no row can tick it", result.function_name())));
    }
    let mut mapped: Vec<(&str, &str)> = Vec::new();
    for argument in arguments {
        let (input, column) =
            split_assignment(argument).map_err(|error| Failure::usage(format!("--column: {error}")))?;
        if !inputs.iter().any(|other| *other.name == *input) {
            let names: Vec<_> = inputs.iter().map(|other| &*other.name).collect();
            return Err(Failure::usage(format!(
                "--column: `{}` has no input `{input}`{}",
                result.function_name(),
                suggestion(input, &names)
            )));
        }
        if mapped.iter().any(|(other, _)| *other == input) {
            return Err(Failure::usage(format!("--column: the input `{input}` is given twice")));
        }
        mapped.push((input, column));
    }
    inputs
        .iter()
        .map(|input| {
            let kind = CellKind::of(result.types(), input.ty).ok_or_else(|| {
                let ty = result.types().name(input.ty);
                Failure::usage(format!("the input `{}` is of type {ty}, which no CSV column can hold", input.name))
            })?;
            let column =
                mapped.iter().find(|(name, _)| *name == &*input.name).map_or(&*input.name, |(_, column)| *column);
            Ok(WantedColumn { input: input.name.to_string(), column: column.to_owned(), kind })
        })
        .collect()
}

/// Finds the wanted columns in the header of a file.
pub(crate) fn bind_columns(file: &str, header: &[&[u8]], wanted: &[WantedColumn]) -> Result<Vec<Binding>, Failure> {
    wanted
        .iter()
        .map(|wanted| {
            let mut found = header
                .iter()
                .enumerate()
                .filter(|(_, name)| name.trim_ascii() == wanted.column.as_bytes())
                .map(|(index, _)| index);
            match (found.next(), found.next()) {
                (Some(column), None) => Ok(Binding { input: wanted.input.clone(), column, kind: wanted.kind.clone() }),
                (Some(first), Some(second)) => Err(Failure::failed(format!(
                    "{file}: the column {} stands twice in the header, as columns {} and {}",
                    shown(wanted.column.as_bytes()),
                    first + 1,
                    second + 1
                ))),
                (None, _) => Err(missing_column(file, header, wanted)),
            }
        })
        .collect()
}

fn missing_column(file: &str, header: &[&[u8]], wanted: &WantedColumn) -> Failure {
    let names: Vec<_> = header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii())).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let advice = if wanted.input == wanted.column {
        format!("; name its column with --column {}=COLUMN", wanted.input)
    } else {
        String::new()
    };
    Failure::usage(format!(
        "{file} has no column {} for the input `{}`{}{advice}",
        shown(wanted.column.as_bytes()),
        wanted.input,
        suggestion(&wanted.column, &names)
    ))
}

/// `: did you mean …?` with names that are near, or the names there are.
fn suggestion(name: &str, names: &[&str]) -> String {
    const NEAR: f64 = 0.7;
    const SHOWN: usize = 10;
    let lower = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = names
        .iter()
        .map(|other| (strsim::jaro_winkler(&lower, &other.to_lowercase()), *other))
        .filter(|(similarity, _)| *similarity >= NEAR)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    let quoted = |names: &[&str]| names.iter().map(|name| shown(name.as_bytes())).collect::<Vec<_>>().join(", ");
    if !near.is_empty() {
        let near: Vec<&str> = near.iter().take(3).map(|(_, name)| *name).collect();
        return format!(": did you mean {}?", quoted(&near).replace(", ", " or "));
    }
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!(": there are {}{more}", quoted(&names[..names.len().min(SHOWN)]))
}

#[cfg(test)]
mod tests {
    use super::{Binding, WantedColumn, bind_columns};
    use crate::cell::CellKind;
    use crate::failure::Failure;

    fn wanted(input: &str, column: &str) -> WantedColumn {
        WantedColumn { input: input.to_owned(), column: column.to_owned(), kind: CellKind::Float }
    }

    #[track_caller]
    fn message(header: &[&str], wanted: WantedColumn) -> String {
        let header: Vec<_> = header.iter().map(|name| name.as_bytes()).collect();
        match bind_columns("a.csv", &header, &[wanted]) {
            Err(Failure::Usage(message) | Failure::Failed(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn columns_bind_by_name() {
        let header: Vec<&[u8]> = vec![b"Date", b" Close ", b"close"];
        let bindings =
            bind_columns("a.csv", &header, &[wanted("x", "close"), wanted("Close", "Close")]).expect("both are there");
        let binding = |input: &str, column| Binding { input: input.to_owned(), column, kind: CellKind::Float };
        assert_eq!(bindings, [binding("x", 2), binding("Close", 1)]);
    }

    #[test]
    fn what_is_wrong_with_a_header() {
        assert_eq!(
            message(&["Date", "Close"], wanted("x", "Clsoe")),
            "a.csv has no column `Clsoe` for the input `x`: did you mean `Close`?"
        );
        assert_eq!(
            message(&["Date", "Open"], wanted("x", "x")),
            "a.csv has no column `x` for the input `x`: there are `Date`, `Open`; name its column with --column x=COLUMN"
        );
        assert_eq!(
            message(&["x", "y", "x"], wanted("x", "x")),
            "a.csv: the column `x` stands twice in the header, as columns 1 and 3"
        );
    }
}
