//! Matrices of which every element counts, and random numbers to begin with.

use super::threads::Threads;

/// A matrix of numbers row by row.
pub(super) struct Dense {
    /// Columns; at least one.
    pub(super) width: usize,
    /// The rows, one after another.
    pub(super) data: Vec<f32>,
}

impl Dense {
    pub(super) fn zeros(height: usize, width: usize) -> Self {
        Self {
            width,
            data: vec![0.0; height * width],
        }
    }

    /// Numbers from -1 to 1, always the same (the generator is `SplitMix64`).
    #[expect(
        clippy::cast_precision_loss,
        reason = "24 bits are what an f32 holds exactly"
    )]
    pub(super) fn random(height: usize, width: usize) -> Self {
        let mut random = Random::new(1);
        let data = (0..height * width)
            .map(|_| (random.draw() >> 40) as f32 / (1_u32 << 23) as f32 - 1.0)
            .collect();
        Self { width, data }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact(self.width)
    }

    /// The rows in parts, one for each thread: the number of its first row, and its numbers.
    pub(super) fn parts_mut(
        &mut self,
        threads: Threads,
    ) -> impl Iterator<Item = (usize, &mut [f32])> {
        let rows = threads.share(self.data.len() / self.width);
        let parts = self.data.chunks_mut(rows * self.width);
        (0..).step_by(rows).zip(parts)
    }

    pub(super) fn row(&self, row: usize) -> &[f32] {
        let start = row * self.width;
        self.data.get(start..start + self.width).unwrap_or_default()
    }
}

/// Random numbers that are the same each time (`SplitMix64`).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Begins anew.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
