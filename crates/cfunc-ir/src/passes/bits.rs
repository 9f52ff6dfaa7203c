//! Rows of bits: one a block, a bit a place.

/// A table of bits.
pub(crate) struct BitRows {
    words: usize,
    bits: Vec<u64>,
}

impl BitRows {
    /// So many rows of so many bits, none set.
    pub(crate) fn new(rows: usize, columns: usize) -> Self {
        let words = columns.div_ceil(64);
        Self { words, bits: vec![0; rows * words] }
    }

    /// How many rows there are; none where there are no columns.
    pub(crate) const fn rows(&self) -> usize {
        match self.bits.len().checked_div(self.words) {
            Some(rows) => rows,
            None => 0,
        }
    }

    /// A row.
    pub(crate) fn row(&self, row: usize) -> &[u64] {
        &self.bits[row * self.words..(row + 1) * self.words]
    }

    /// A row, to change it.
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [u64] {
        &mut self.bits[row * self.words..(row + 1) * self.words]
    }

    /// Sets every bit of every row, those beyond the columns too.
    pub(crate) fn fill(&mut self) {
        self.bits.fill(u64::MAX);
    }

    /// Whether a bit is set.
    pub(crate) fn has(&self, row: usize, column: usize) -> bool {
        has(self.row(row), column)
    }

    /// Sets a bit.
    pub(crate) fn set(&mut self, row: usize, column: usize) {
        set(self.row_mut(row), column);
    }
}

/// Whether a bit of a row is set.
pub(crate) fn has(row: &[u64], column: usize) -> bool {
    row[column / 64] >> (column % 64) & 1 != 0
}

/// Sets a bit of a row.
pub(crate) fn set(row: &mut [u64], column: usize) {
    row[column / 64] |= 1 << (column % 64);
}

/// Clears the bits of a row that are set in another.
pub(crate) fn remove(row: &mut [u64], others: &[u64]) {
    for (word, other) in row.iter_mut().zip(others) {
        *word &= !other;
    }
}

/// Clears the bits of a row that are not set in another.
pub(crate) fn keep(row: &mut [u64], others: &[u64]) {
    for (word, other) in row.iter_mut().zip(others) {
        *word &= other;
    }
}

/// Sets the bits of a row that are set in another.
pub(crate) fn add(row: &mut [u64], others: &[u64]) {
    for (word, other) in row.iter_mut().zip(others) {
        *word |= other;
    }
}
