//! The progress bar of long inputs.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Inputs below this size in bytes are done before a bar could be read.
const LONG_INPUT: u64 = 16 << 20;

/// Rows between two looks at the bar.
const INTERVAL: u64 = 1 << 16;

/// A bar by the bytes read, or nothing.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar on standard error for an input of `size` bytes, where standard error is a terminal, and the rows do not go to a
    /// terminal themselves.
    pub(crate) fn new(size: Option<u64>, rows_on_standard_output: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let disturbed = rows_on_standard_output && std::io::stdout().is_terminal();
        let size = size.filter(|size| *size >= LONG_INPUT && terminal && !disturbed);
        let bar = size.map(|size| {
            let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg} rows  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar }
    }

    /// Notes that a row was read.
    #[inline]
    pub(crate) fn row(&self, row: u64, position: impl FnOnce() -> u64) {
        if row.is_multiple_of(INTERVAL)
            && let Some(bar) = &self.bar
        {
            bar.set_message(row.to_string());
            bar.set_position(position());
        }
    }

    /// Writes a message above the bar.
    pub(crate) fn message(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| crate::message::line(text)),
            None => crate::message::line(text),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
