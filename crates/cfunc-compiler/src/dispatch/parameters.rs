//! The parameters of a plain function, and the arguments that a call gives for them.

use cfunc_syntax::ast::{FunctionDefinition, ParameterKind};
use smallvec::SmallVec;

use crate::CallError;

/// A parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Box<str>,
    pub(crate) kind: ParameterKind,
    pub(crate) has_default: bool,
}

/// The parameters of a function.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) all: Box<[Parameter]>,
    /// How many an argument may be given for by position.
    pub(crate) by_position: usize,
    /// How many of the first have no default: at least so many arguments a call by position has. More than there are by
    /// position where one that is given by keyword alone has none.
    pub(crate) least: usize,
    /// Whether one takes any number of arguments, which is not supported.
    pub(crate) are_open: bool,
}

/// What a parameter gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The argument at this position.
    Position(usize),
    /// The keyword argument at this position.
    Keyword(usize),
    /// Its default.
    Default,
}

impl Parameters {
    pub(crate) fn new(definition: &FunctionDefinition) -> Self {
        let all = definition.parameters.iter().map(|parameter| Parameter {
            name: (*parameter.name).into(),
            kind: parameter.kind,
            has_default: parameter.default.is_some(),
        });
        let all: Box<[Parameter]> = all.collect();
        let by_position = all.iter().filter(|parameter| takes_position(parameter)).count();
        let least = all.iter().rposition(|parameter| !parameter.has_default).map_or(0, |last| last + 1);
        let is_open = |one: &Parameter| !takes_position(one) && !takes_keyword(one);
        let are_open = all.iter().any(is_open);
        Self { all, by_position, least, are_open }
    }

    /// What each parameter gets of so many arguments by position and these keywords.
    ///
    /// # Errors
    ///
    /// As CPython's TypeError says it.
    #[cold]
    pub(crate) fn arrange(
        &self,
        function: &str,
        positional: usize,
        keywords: &[&str],
    ) -> Result<SmallVec<[Place; 8]>, CallError> {
        let wrong = |message: String| Err(CallError::Arguments(format!("{function}() {message}")));
        let mut places: SmallVec<[Place; 8]> = (0..self.all.len())
            .map(|index| if index < positional.min(self.by_position) { Place::Position(index) } else { Place::Default })
            .collect();
        for (given, keyword) in keywords.iter().enumerate() {
            let named = |parameter: &Parameter| *parameter.name == **keyword;
            let found = self.all.iter().position(|parameter| named(parameter) && takes_keyword(parameter));
            let Some(index) = found else {
                return wrong(
                    match self.all.iter().any(|one| named(one) && one.kind == ParameterKind::PositionalOnly) {
                        true => format!("got some positional-only arguments passed as keyword arguments: '{keyword}'"),
                        false => format!("got an unexpected keyword argument '{keyword}'"),
                    },
                );
            };
            if places[index] != Place::Default {
                return wrong(format!("got multiple values for argument '{keyword}'"));
            }
            places[index] = Place::Keyword(given);
        }
        if positional > self.by_position {
            let needed =
                self.all.iter().filter(|parameter| takes_position(parameter) && !parameter.has_default).count();
            let takes = match self.by_position {
                most if needed < most => format!("from {needed} to {most}"),
                most => most.to_string(),
            };
            let plural = if self.by_position == 1 && takes == "1" { "" } else { "s" };
            let were = if positional == 1 { "was" } else { "were" };
            return wrong(format!("takes {takes} positional argument{plural} but {positional} {were} given"));
        }
        let missing = |kind: &dyn Fn(&Parameter) -> bool| -> Vec<String> {
            let all = self.all.iter().zip(&places);
            let missing = all.filter(|(one, place)| **place == Place::Default && !one.has_default && kind(one));
            missing.map(|(parameter, _)| format!("'{}'", parameter.name)).collect()
        };
        let by_position = missing(&takes_position);
        let by_keyword = missing(&|parameter| parameter.kind == ParameterKind::KeywordOnly);
        for (what, names) in [("positional", by_position), ("keyword-only", by_keyword)] {
            if let [before @ .., last] = names.as_slice() {
                let list = match before {
                    [] => last.clone(),
                    [one] => format!("{one} and {last}"),
                    several => format!("{}, and {last}", several.join(", ")),
                };
                let plural = if before.is_empty() { "" } else { "s" };
                return wrong(format!("missing {} required {what} argument{plural}: {list}", names.len()));
            }
        }
        Ok(places)
    }
}

const fn takes_position(parameter: &Parameter) -> bool {
    matches!(parameter.kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword)
}

const fn takes_keyword(parameter: &Parameter) -> bool {
    matches!(parameter.kind, ParameterKind::KeywordOnly | ParameterKind::PositionalOrKeyword)
}
