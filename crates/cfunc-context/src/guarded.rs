//! Handlers with whose they are: the panic of one is a diagnostic that names its extension.

use cfunc_models::{Type, TypeTable, Value};
use cfunc_syntax::ast::{Expression, Parameter};

use crate::transform::{HandlerResult, TransformApi};
use crate::{
    AnalysisApi, BoundArgument, CustomType, ExtensionId, InputHandler, ModuleScope, OutputDeclaration, OutputHandler,
    ParameterDeclaration, StateDeclaration, ask_handler,
};

/// A handler and who registered it.
pub(crate) struct Guarded<H> {
    pub(crate) extension: ExtensionId,
    pub(crate) inner: H,
}

impl<H: InputHandler> InputHandler for Guarded<H> {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        let ask = || self.inner.parse(api, parameter, annotation);
        ask_handler("an input handler", &self.extension, annotation.span, ask)
    }

    fn bind(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        let ask = || self.inner.bind(api, parameter, declaration, argument);
        ask_handler("an input handler", &self.extension, parameter.span, ask)
    }
}

impl<H: OutputHandler> OutputHandler for Guarded<H> {
    fn parse(&self, api: &mut AnalysisApi<'_>, annotation: &Expression) -> HandlerResult<Option<OutputDeclaration>> {
        let ask = || self.inner.parse(api, annotation);
        ask_handler("an output handler", &self.extension, annotation.span, ask)
    }
}

impl<H: CustomType> CustomType for Guarded<H> {
    fn type_of_annotation(
        &self,
        scope: &ModuleScope<'_>,
        types: &mut TypeTable,
        annotation: &Expression,
    ) -> Option<Type> {
        self.inner.type_of_annotation(scope, types, annotation)
    }

    fn type_of_value(&self, types: &mut TypeTable, value: &Value) -> Option<Type> {
        self.inner.type_of_value(types, value)
    }

    fn parse_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        let ask = || self.inner.parse_input(api, parameter, annotation);
        ask_handler("a custom type", &self.extension, annotation.span, ask)
    }

    fn bind_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        let ask = || self.inner.bind_input(api, parameter, declaration, argument);
        ask_handler("a custom type", &self.extension, parameter.span, ask)
    }

    fn parse_state(
        &self,
        api: &mut AnalysisApi<'_>,
        name: &str,
        annotation: &Expression,
        initial: Option<&Expression>,
    ) -> HandlerResult<Option<StateDeclaration>> {
        let ask = || self.inner.parse_state(api, name, annotation, initial);
        ask_handler("a custom type", &self.extension, annotation.span, ask)
    }

    fn lower_assignment(
        &self,
        api: &mut dyn TransformApi,
        target: &Expression,
        value: &Expression,
    ) -> HandlerResult<Option<Expression>> {
        let ask = || self.inner.lower_assignment(api, target, value);
        ask_handler("a custom type", &self.extension, value.span, ask)
    }

    fn accepts_on_return(&self, types: &TypeTable, declared: Type, returned: Type) -> Option<bool> {
        self.inner.accepts_on_return(types, declared, returned)
    }
}
