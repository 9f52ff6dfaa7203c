//! The peer's machine code of a recorded case, loaded into this process: the same loop calls it, on the same cells, in
//! turn with ours.

use std::ffi::{CStr, CString, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, bail};

use crate::cases::Case;
use crate::host::{NodeFunction, function};
use crate::peer::{self, Peer};
use crate::settings::Settings;

/// A loaded library.
pub(crate) struct PeerCode {
    library: NonNull<c_void>,
    function: NodeFunction,
}

impl PeerCode {
    /// Writes the optimised module of the peer's compilation as an object file, by the target machine of its own engine and so
    /// for this processor, and loads it.
    ///
    /// # Errors
    ///
    /// The peer does not compile the case, or its code cannot be loaded alone.
    pub(crate) fn load(settings: &Settings, peer: &Peer, case: &Case) -> Result<Self> {
        let folder = peer::scratch(&settings.target)?;
        let object = folder.join("peer-tick.o");
        let symbol = peer.emit(case, &object, &folder.join("peer-tick.cells"), false)?;
        Self::of_object(&object, &symbol)
    }

    /// Loads the code of an object file, whose C function has this symbol.
    ///
    /// # Errors
    ///
    /// The code cannot be loaded alone.
    pub(crate) fn of_object(object: &Path, symbol: &str) -> Result<Self> {
        // The loader takes files of one name for one library.
        static LOADED: AtomicUsize = AtomicUsize::new(0);
        let path = object.with_extension(format!("{}.so", LOADED.fetch_add(1, Ordering::Relaxed)));
        let mut link = Command::new("cc");
        // Code of an engine that places it where it likes holds addresses.
        link.args(["-shared", "-Wl,-z,notext", "-Wl,-z,now", "-o"]).arg(&path).arg(object);
        // What it calls where Python must be told of an error is not there, and no recorded row leads to it.
        for missing in peer::run(Command::new("nm").args(["--undefined-only", "--just-symbols"]).arg(object))?.lines() {
            link.arg(format!("-Wl,--defsym={missing}=0"));
        }
        peer::run(&mut link)?;
        let name = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: the path is a text; what the library does when it is loaded is nothing.
        let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        // What is mapped stays.
        std::fs::remove_file(&path)?;
        let Some(library) = NonNull::new(library) else {
            bail!("{}", reason());
        };
        let symbol = CString::new(symbol)?;
        // SAFETY: the library is open, and the symbol a text.
        let address = unsafe { libc::dlsym(library.as_ptr(), symbol.as_ptr()) };
        let Some(address) = NonNull::new(address) else {
            // SAFETY: it is open, and nothing of it is used.
            unsafe { libc::dlclose(library.as_ptr()) };
            bail!("{}", reason());
        };
        Ok(Self { library, function: function(address.as_ptr().cast_const().cast()) })
    }

    /// The function that a host calls.
    pub(crate) fn function(&self) -> NodeFunction {
        self.function
    }
}

impl Drop for PeerCode {
    fn drop(&mut self) {
        // SAFETY: whoever has the function uses it no longer than this.
        unsafe { libc::dlclose(self.library.as_ptr()) };
    }
}

/// Why the loader failed last.
fn reason() -> String {
    // SAFETY: the text lives until the next call, and is copied.
    let message = unsafe { libc::dlerror() };
    if message.is_null() {
        return "no reason is given".to_owned();
    }
    // SAFETY: it is a text.
    unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned()
}
