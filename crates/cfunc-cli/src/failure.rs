//! How a command ends.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// Why a command did not succeed. Everything but what a variant holds has been printed already.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command cannot be carried out as it was written: exit status 2.
    Usage(String),
    /// The node, the data or a case failed: exit status 1.
    Failed(String),
    /// As [`Failure::Failed`], with everything said.
    Reported,
    /// As [`Failure::Usage`], with everything said.
    ReportedUsage,
    /// Who read our output went away, which ends the command quietly.
    OutputClosed,
}

impl Failure {
    /// A usage failure with its message.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A failure with its message.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// A failure to write to `target`.
    pub(crate) fn writing(target: impl Display, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::OutputClosed
        } else {
            Self::Failed(format!("cannot write {target}: {error}"))
        }
    }

    /// Prints the message, if any, and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Usage(message) => {
                crate::message::error(&message);
                ExitCode::from(2)
            }
            Self::Failed(message) => {
                crate::message::error(&message);
                ExitCode::from(1)
            }
            Self::Reported => ExitCode::from(1),
            Self::ReportedUsage => ExitCode::from(2),
            Self::OutputClosed => ExitCode::SUCCESS,
        }
    }
}
