//! A module: what is compiled, linked and freed together.

use cfunc_models::{Effects, ErrorSite, RuntimeFunction, SiteId};

use crate::{DataId, ExternalId, Function, FunctionId, Signature};

/// A function that a module calls and does not define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// The symbol that the backend resolves.
    pub symbol: String,
    /// The function of the C runtime that has this symbol, where one has.
    pub runtime: Option<RuntimeFunction>,
    /// Parameters and results of the C function.
    pub signature: Signature,
    /// What a call may do.
    pub effects: Effects,
}

/// What a relocation puts into a data object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelocationTarget {
    /// The address of another data object.
    Data(DataId),
    /// The address of a function of the module.
    Function(FunctionId),
    /// The address of an object of the host, by the symbol that it is known by.
    Object(String),
}

/// An address inside a data object, known when the code is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Where the 8 bytes of the address stand, from the object's start.
    pub offset: u32,
    /// What it is the address of.
    pub target: RelocationTarget,
    /// Added to the address, in bytes.
    pub addend: i64,
}

/// Static data, never written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataObject {
    /// Its name within the module.
    pub name: String,
    /// Alignment in bytes, a power of two up to 16.
    pub alignment: u32,
    /// Its bytes.
    pub contents: Vec<u8>,
    /// Addresses inside it.
    pub relocations: Vec<Relocation>,
}

/// Functions and data that are compiled together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// Functions by [`FunctionId`].
    pub functions: Vec<Function>,
    /// External functions by [`ExternalId`].
    pub externals: Vec<External>,
    /// Data objects by [`DataId`].
    pub data: Vec<DataObject>,
    /// The function that the host calls.
    pub entry: Option<FunctionId>,
    /// The places that can end in a node error, by [`SiteId`].
    pub sites: Vec<ErrorSite>,
    /// The unit descriptor that `cfunc_error_raise` gets, once a site needs it; its contents are made by
    /// [`Module::name_unit`].
    pub unit_descriptor: Option<DataId>,
    /// The symbol of the entry, once it is known: see [`Module::name_unit`].
    pub native_name: Option<String>,
}

impl Module {
    /// An empty module.
    pub fn new() -> Self {
        Self::default()
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// An external function.
    pub fn external(&self, id: ExternalId) -> &External {
        &self.externals[id.index()]
    }

    /// The functions of the host that are declared, all externals but those of the C runtime, in order.
    pub fn host_functions(&self) -> impl Iterator<Item = (ExternalId, &External)> {
        let externals = self.externals.iter().enumerate();
        let of_host = externals.filter(|(_, external)| external.runtime.is_none());
        of_host.map(|(index, external)| (ExternalId::from_index(index), external))
    }

    /// The names of the objects of the host that static data holds addresses of, each as often as it does.
    pub fn host_objects(&self) -> impl Iterator<Item = &str> {
        let relocations = self.data.iter().flat_map(|object| &object.relocations);
        relocations.filter_map(|relocation| match &relocation.target {
            RelocationTarget::Object(name) => Some(name.as_str()),
            RelocationTarget::Data(_) | RelocationTarget::Function(_) => None,
        })
    }

    /// The external function of a symbol, declared on first use. A symbol has one signature and one set of effects in
    /// a module: those of its first declaration.
    pub fn declare_external(&mut self, symbol: &str, signature: Signature, effects: Effects) -> ExternalId {
        if let Some(index) = self.externals.iter().position(|external| external.symbol == symbol) {
            return ExternalId::from_index(index);
        }
        let runtime = RuntimeFunction::from_symbol(symbol);
        self.add_external(External { symbol: symbol.to_owned(), runtime, signature, effects })
    }

    fn add_external(&mut self, external: External) -> ExternalId {
        self.externals.push(external);
        ExternalId::from_index(self.externals.len() - 1)
    }

    /// The external function of the C runtime, declared on first use.
    pub fn declare_runtime(&mut self, function: RuntimeFunction) -> ExternalId {
        if let Some(index) = self.externals.iter().position(|external| external.runtime == Some(function)) {
            return ExternalId::from_index(index);
        }
        let description = function.description();
        self.add_external(External {
            symbol: description.symbol.to_owned(),
            runtime: Some(function),
            signature: Signature::new(description.parameters, description.result.as_slice()),
            effects: description.effects,
        })
    }

    /// Adds static data.
    pub fn add_data(&mut self, object: DataObject) -> DataId {
        self.data.push(object);
        DataId::from_index(self.data.len() - 1)
    }

    /// Adds an error site.
    pub fn add_site(&mut self, site: ErrorSite) -> SiteId {
        self.sites.push(site);
        SiteId(u32::try_from(self.sites.len() - 1).unwrap_or(u32::MAX))
    }

    /// The unit descriptor, declared on first use.
    pub fn unit_descriptor(&mut self) -> DataId {
        if let Some(data) = self.unit_descriptor {
            return data;
        }
        let data = self.add_data(DataObject {
            name: "unit_descriptor".to_owned(),
            alignment: 8,
            contents: Vec::new(),
            relocations: Vec::new(),
        });
        self.unit_descriptor = Some(data);
        data
    }

    /// Says under which name the code is known, and fills the unit descriptor, where there is one, with it and the error sites.
    pub fn name_unit(&mut self, native_name: &str) {
        self.native_name = Some(native_name.to_owned());
        if let Some(data) = self.unit_descriptor {
            self.data[data.index()].contents = cfunc_models::UnitDescriptor::encode(native_name, &self.sites);
        }
    }
}
