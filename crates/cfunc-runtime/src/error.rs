//! The error record of the calling thread.

use std::ffi::{CStr, c_char, c_void};
use std::fmt;

use cfunc_models::{NodeErrorKind, SiteId, UnitDescriptor};

/// A node error that left a compiled function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeError {
    /// What went wrong. A code that this version does not know is an [`NodeErrorKind::Exception`].
    pub kind: NodeErrorKind,
    /// The message, as in Python; cut at 511 bytes.
    pub message: String,
    /// The error site; `CompilationResult::error_position` gives the line and column of the source for it.
    pub site: SiteId,
    /// Exported name of the function; cut at 127 bytes.
    pub native_name: String,
}

impl fmt::Display for NodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.name())?;
        if !self.message.is_empty() {
            write!(formatter, ": {}", self.message)?;
        }
        if !self.native_name.is_empty() {
            write!(formatter, " (in {})", self.native_name)?;
        }
        Ok(())
    }
}

impl std::error::Error for NodeError {}

/// `cfunc_error` of the header.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct ErrorRecord {
    kind: i32,
    site: u32,
    native_name: [c_char; UnitDescriptor::NAME_CAPACITY],
    message: [c_char; UnitDescriptor::MESSAGE_CAPACITY],
}

impl ErrorRecord {
    pub(crate) const EMPTY: Self = Self {
        kind: 0,
        site: 0,
        native_name: [0; UnitDescriptor::NAME_CAPACITY],
        message: [0; UnitDescriptor::MESSAGE_CAPACITY],
    };
}

// SAFETY: declared as in cfunc_runtime.h. The functions marked safe take no pointers and touch the calling thread's
// own block only.
unsafe extern "C" {
    safe fn cfunc_abi_version() -> u32;
    safe fn cfunc_error_pending() -> i32;
    safe fn cfunc_error_clear();
    fn cfunc_error_take(out: *mut ErrorRecord) -> i32;
    fn cfunc_error_raise(unit: *const c_void, site: u32);
    fn cfunc_error_message_set(text: *const c_char, length: usize);
}

/// The ABI version of the runtime that is linked in.
pub fn abi_version() -> u32 {
    cfunc_abi_version()
}

/// Whether the calling thread has an error that nobody took yet. Costs one call and one load.
#[inline]
pub fn error_pending() -> bool {
    cfunc_error_pending() != 0
}

/// Takes the error of the calling thread; it is gone then.
pub fn take_error() -> Option<NodeError> {
    if !error_pending() {
        return None;
    }
    let mut record = ErrorRecord::EMPTY;
    // SAFETY: the record is a cfunc_error that C may fill.
    if unsafe { cfunc_error_take(&raw mut record) } == 0 {
        return None;
    }
    Some(NodeError {
        kind: NodeErrorKind::from_code(record.kind).unwrap_or(NodeErrorKind::Exception),
        message: text(&record.message),
        site: SiteId(record.site),
        native_name: text(&record.native_name),
    })
}

/// Drops the error of the calling thread, if any.
pub fn clear_error() {
    cfunc_error_clear();
}

/// Says why a function of the host failed that a node called, before it returns its status: the message of the node error
/// that becomes of it.
pub fn set_error_message(text: &str) {
    // SAFETY: the text is as long as said, and is copied.
    unsafe { cfunc_error_message_set(text.as_ptr().cast(), text.len()) }
}

/// Records an error as generated code does: the first one wins until it is taken.
///
/// A damaged descriptor or a site beyond its table is recorded as a [`NodeErrorKind::RuntimeError`] that says so.
///
/// # Safety
///
/// `descriptor` points at what [`UnitDescriptor::encode`] gave, all of it readable, or is null.
pub unsafe fn raise_error(descriptor: *const u8, site: SiteId) {
    // SAFETY: the caller's promise is what the C function asks for.
    unsafe { cfunc_error_raise(descriptor.cast(), site.0) }
}

/// The text of a NUL-terminated buffer.
fn text(buffer: &[c_char]) -> String {
    // SAFETY: char and u8 have the same size, alignment and valid values; the length is that of the buffer.
    let bytes = unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast::<u8>(), buffer.len()) };
    match CStr::from_bytes_until_nul(bytes) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeError, abi_version, clear_error, error_pending, raise_error, take_error};
    use cfunc_models::{ErrorSite, NodeErrorKind, SiteId, Span, UnitDescriptor};

    fn descriptor(native_name: &str, sites: &[(NodeErrorKind, &str)]) -> Vec<u8> {
        let sites: Vec<_> = sites
            .iter()
            .map(|&(kind, message)| ErrorSite { kind, message: message.to_owned(), span: Span::default() })
            .collect();
        UnitDescriptor::encode(native_name, &sites)
    }

    fn raise(descriptor: &[u8], site: u32) {
        // SAFETY: the tests pass whole descriptors, or blocks whose magic is wrong.
        unsafe { raise_error(descriptor.as_ptr(), SiteId(site)) }
    }

    #[test]
    fn versions_agree() {
        assert_eq!(abi_version(), 1);
    }

    #[test]
    fn the_first_error_wins_and_outlives_its_unit() {
        let unit = descriptor(
            "node_a",
            &[(NodeErrorKind::IndexError, "list index out of range"), (NodeErrorKind::KeyError, "7")],
        );
        raise(&unit, 1);
        raise(&unit, 0);
        drop(unit);
        assert!(error_pending());
        let error = take_error().expect("an error is pending");
        assert_eq!(
            error,
            NodeError {
                kind: NodeErrorKind::KeyError,
                message: "7".to_owned(),
                site: SiteId(1),
                native_name: "node_a".to_owned(),
            }
        );
        assert_eq!(error.to_string(), "KeyError: 7 (in node_a)");
        assert!(!error_pending());
        assert_eq!(take_error(), None);
    }

    #[test]
    fn clearing_drops_the_error() {
        raise(&descriptor("n", &[(NodeErrorKind::Lifecycle, "")]), 0);
        assert!(error_pending());
        clear_error();
        assert_eq!(take_error(), None);
    }

    #[test]
    fn every_kind_comes_back() {
        for &kind in NodeErrorKind::ALL {
            raise(&descriptor("n", &[(kind, "m")]), 0);
            assert_eq!(take_error().map(|error| error.kind), Some(kind));
        }
    }

    #[test]
    fn long_strings_fit() {
        let name = "ü".repeat(100);
        let message = "x".repeat(2000);
        raise(&descriptor(&name, &[(NodeErrorKind::Exception, &message)]), 0);
        let error = take_error().expect("an error is pending");
        assert_eq!(error.native_name, "ü".repeat(63));
        assert_eq!(error.message, "x".repeat(511));
    }

    #[test]
    fn damaged_descriptors_are_reported() {
        let mut unit = descriptor("n", &[(NodeErrorKind::IndexError, "m")]);
        raise(&unit, 1);
        let error = take_error().expect("a site beyond the table is an error");
        assert_eq!(error.kind, NodeErrorKind::RuntimeError);
        assert_eq!(error.native_name, "n");
        unit[0] ^= 1;
        raise(&unit, 0);
        assert_eq!(take_error().map(|error| error.kind), Some(NodeErrorKind::RuntimeError));
        // SAFETY: null is allowed.
        unsafe { raise_error(std::ptr::null(), SiteId(0)) };
        assert_eq!(take_error().map(|error| error.kind), Some(NodeErrorKind::RuntimeError));
    }

    #[test]
    fn threads_do_not_see_each_other() {
        raise(&descriptor("n", &[(NodeErrorKind::TypeError, "m")]), 0);
        let other = std::thread::spawn(error_pending).join();
        assert!(!other.expect("the thread ran"));
        assert!(take_error().is_some());
    }
}
