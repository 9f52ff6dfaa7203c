//! Handlers with whose they are: the panic of one is a diagnostic that names its extension.

use cfunc_models::{AbiParameter, Diagnostic, FunctionModel, MetadataMap, Type, TypeTable, Value};
use cfunc_sources::{InitFilter, SourceCategory, VariableFactory};
use cfunc_syntax::ast::{ClassDefinition, Expression, Parameter};

use crate::panics::asked_part;
use crate::transform::{HandlerResult, TransformApi};
use crate::{
    AnalysisApi, BoundArgument, ClassApi, ClassDeclaration, ClassHandler, CustomType, ExtensionId, InputHandler,
    ModuleScope, OutputDeclaration, OutputHandler, ParameterDeclaration, StateDeclaration, ask_handler,
};

const CUSTOM_TYPE: &str = "a custom type";
const SOURCE_CATEGORY: &str = "a source category";

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
        asked_part(CUSTOM_TYPE, &self.extension, || self.inner.type_of_annotation(scope, types, annotation))
    }

    fn type_of_value(&self, types: &mut TypeTable, value: &Value) -> Option<Type> {
        asked_part(CUSTOM_TYPE, &self.extension, || self.inner.type_of_value(types, value))
    }

    fn parse_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        let ask = || self.inner.parse_input(api, parameter, annotation);
        ask_handler(CUSTOM_TYPE, &self.extension, annotation.span, ask)
    }

    fn bind_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        let ask = || self.inner.bind_input(api, parameter, declaration, argument);
        ask_handler(CUSTOM_TYPE, &self.extension, parameter.span, ask)
    }

    fn parse_state(
        &self,
        api: &mut AnalysisApi<'_>,
        name: &str,
        annotation: &Expression,
        initial: Option<&Expression>,
    ) -> HandlerResult<Option<StateDeclaration>> {
        let ask = || self.inner.parse_state(api, name, annotation, initial);
        ask_handler(CUSTOM_TYPE, &self.extension, annotation.span, ask)
    }

    fn lower_assignment(
        &self,
        api: &mut dyn TransformApi,
        target: &Expression,
        value: &Expression,
    ) -> HandlerResult<Option<Expression>> {
        let ask = || self.inner.lower_assignment(api, target, value);
        ask_handler(CUSTOM_TYPE, &self.extension, value.span, ask)
    }

    fn accepts_on_return(&self, types: &TypeTable, declared: Type, returned: Type) -> Option<bool> {
        asked_part(CUSTOM_TYPE, &self.extension, || self.inner.accepts_on_return(types, declared, returned))
    }
}

impl<H: ClassHandler> ClassHandler for Guarded<H> {
    fn define(
        &self,
        api: &mut ClassApi<'_, '_>,
        class: &ClassDefinition,
    ) -> Result<Option<ClassDeclaration>, Box<Diagnostic>> {
        ask_handler("a class handler", &self.extension, class.name_span, || self.inner.define(api, class))
    }
}

/// A source category, with what it said of itself when it was registered: that does not change later.
pub(crate) struct RegisteredCategory<C> {
    category: Guarded<C>,
    id: String,
    order: i32,
    parameters: Vec<AbiParameter>,
    init_filter: InitFilter,
}

impl<C: SourceCategory> RegisteredCategory<C> {
    pub(crate) fn new(extension: ExtensionId, inner: C) -> Self {
        let (id, order, parameters, init_filter) = asked_part(SOURCE_CATEGORY, &extension, || {
            (inner.id().to_owned(), inner.order(), inner.parameters(), inner.init_filter())
        });
        Self { category: Guarded { extension, inner }, id, order, parameters, init_filter }
    }
}

impl<C: SourceCategory> SourceCategory for RegisteredCategory<C> {
    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> i32 {
        self.order
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        self.parameters.clone()
    }

    fn init_filter(&self) -> InitFilter {
        self.init_filter
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let Guarded { extension, inner } = &self.category;
        asked_part(SOURCE_CATEGORY, extension, || inner.create_variables(function, factory));
    }

    fn result_metadata(&self, function: &FunctionModel, types: &TypeTable) -> MetadataMap {
        let Guarded { extension, inner } = &self.category;
        asked_part(SOURCE_CATEGORY, extension, || inner.result_metadata(function, types))
    }
}
