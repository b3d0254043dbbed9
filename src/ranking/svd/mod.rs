//! The greatest singular values of a sparse matrix and the directions they belong to, by randomised
//! subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4).
//!
//! Fixed random numbers and sums in a fixed order: the same matrix gives the same bits, whatever
//! the number of threads. The small eigenproblem at the end is solved by Jacobi rotations written
//! out here, since they are fewer lines than the use of a library is worth.

mod dense;
mod square;
mod threads;

pub(in crate::ranking) use square::narrow;
pub use threads::Threads;

use crate::ranking::wide::add;
use dense::Dense;
use square::{eigen, gram, orthonormalise};

/// Directions beyond those that are asked for; they make the last ones exact.
const BEYOND: usize = 16;
/// Times that the subspace is turned towards the greatest directions.
const TURNS: usize = 6;
/// A direction that is so small beside the greatest is noise.
const NOISE: f64 = 1e-5;

/// A matrix of which most elements are zero, row by row.
#[derive(Debug, Clone, Default)]
pub struct Sparse {
    width: usize,
    ends: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Sparse {
    /// A matrix of so many columns, as yet without a row.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Makes room for so many more rows with so many elements together: columns that grow by and by
    /// take up to three times as much memory meanwhile.
    pub fn reserve(&mut self, rows: usize, elements: usize) {
        self.ends.reserve_exact(rows);
        self.columns.reserve_exact(elements);
        self.values.reserve_exact(elements);
    }

    /// Adds a row of columns and values. Columns that the matrix does not have are left out.
    pub fn push(&mut self, row: impl IntoIterator<Item = (usize, f32)>) {
        for (column, value) in row {
            if column < self.width
                && let Ok(column) = u32::try_from(column)
            {
                self.columns.push(column);
                self.values.push(value);
            }
        }
        self.ends.push(self.columns.len());
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.ends.len()
    }

    /// The columns and values of each row.
    fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = (usize, f32)>> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(move |(start, end)| {
            let columns = self.columns.get(*start..*end).unwrap_or_default();
            let values = self.values.get(*start..*end).unwrap_or_default();
            columns
                .iter()
                .zip(values)
                .map(|(column, value)| (*column as usize, *value))
        })
    }

    /// This matrix times a dense one.
    fn times(&self, threads: Threads, dense: &Dense) -> Dense {
        let mut product = Dense::zeros(self.height(), dense.width);
        threads.each(product.parts_mut(threads), |(first, part)| {
            let rows = self.rows().skip(first);
            for (row, out) in rows.zip(part.chunks_exact_mut(dense.width)) {
                for (column, value) in row {
                    add(out, value, dense.row(column));
                }
            }
        });
        product
    }

    /// This matrix, its rows taken for columns, times a dense one.
    fn turned_times(&self, threads: Threads, dense: &Dense, product: &mut Dense) {
        product.data.fill(0.0);
        let width = product.width;
        threads.each(product.parts_mut(threads), |(first, part)| {
            for (row, from) in self.rows().zip(dense.rows()) {
                for (column, value) in row {
                    // The other columns are another thread's.
                    let start = column.checked_sub(first).map(|column| column * width);
                    let out = start.and_then(|start| part.get_mut(start..start + width));
                    if let Some(out) = out {
                        add(out, value, from);
                    }
                }
            }
        });
    }
}

/// The greatest singular values of a matrix and its right singular vectors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Svd {
    /// Greatest first; none is noise, so there may be fewer than were asked for.
    pub values: Vec<f64>,
    /// For each column of the matrix its components in the singular vectors: `values.len()` numbers
    /// a column. The largest component of each singular vector is positive.
    pub vectors: Vec<f32>,
}

/// The `most` greatest singular values of a matrix, and their vectors.
pub fn truncated(threads: Threads, matrix: &Sparse, most: usize) -> Svd {
    let most = most.min(matrix.height()).min(matrix.width);
    if most == 0 {
        return Svd::default();
    }
    let width = (most + BEYOND).min(matrix.height()).min(matrix.width);
    let mut basis = Dense::random(matrix.width, width);
    for _ in 0..TURNS {
        // The directions are parted on the side of the rows, which are fewer.
        let mut image = matrix.times(threads, &basis);
        orthonormalise(threads, &mut image);
        matrix.turned_times(threads, &image, &mut basis);
    }
    orthonormalise(threads, &mut basis);
    let mut found = eigen(gram(threads, &matrix.times(threads, &basis)));
    found.truncate(most);
    let greatest = found.first().map_or(0.0, |(value, _)| *value);
    found.retain(|(value, _)| *value > greatest * NOISE * NOISE);
    Svd {
        values: found.iter().map(|(value, _)| value.sqrt()).collect(),
        vectors: combined(threads, basis, &found),
    }
}

/// The basis turned to the eigenvectors, each with its largest component positive. It is written
/// over the basis, since both at once would be much memory.
fn combined(threads: Threads, mut basis: Dense, found: &[(f64, Vec<f64>)]) -> Vec<f32> {
    let (width, most) = (basis.width, found.len());
    let of_column = |column: usize| -> Vec<f64> {
        let component = |(_, vector): &(f64, Vec<f64>)| vector.get(column).copied();
        found.iter().filter_map(component).collect()
    };
    let narrowed = |column| of_column(column).into_iter().map(narrow).collect();
    let turn: Vec<Vec<f32>> = (0..width).map(narrowed).collect();
    let height = basis.data.len() / width;
    threads.each(basis.parts_mut(threads), |(_, part)| {
        turned(part, &turn, most)
    });
    // What is left of each row lies at the beginning of its thread's part.
    let rows = threads.share(height);
    let mut data = basis.data;
    for first in (0..height).step_by(rows) {
        let kept = rows.min(height - first) * most;
        let start = first * width;
        data.copy_within(start..start + kept, first * most);
    }
    data.truncate(height * most);
    let mut largest = vec![0.0_f32; most];
    for row in data.chunks_exact(most.max(1)) {
        for (largest, value) in largest.iter_mut().zip(row) {
            if value.abs() > largest.abs() {
                *largest = *value;
            }
        }
    }
    for row in data.chunks_exact_mut(most.max(1)) {
        for (value, largest) in row.iter_mut().zip(&largest) {
            if *largest < 0.0 {
                *value = -*value;
            }
        }
    }
    data
}

/// Turns rows of a basis, and writes what is left of them one after the other.
fn turned(rows: &mut [f32], turn: &[Vec<f32>], most: usize) {
    let width = turn.len();
    let mut sums = vec![0.0_f32; most];
    for row in 0..rows.len() / width.max(1) {
        sums.fill(0.0);
        let from = rows.get(row * width..(row + 1) * width);
        for (value, mixed) in from.unwrap_or_default().iter().zip(turn) {
            add(&mut sums, *value, mixed);
        }
        let to = rows.get_mut(row * most..(row + 1) * most);
        for (value, sum) in to.unwrap_or_default().iter_mut().zip(&sums) {
            *value = *sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{dense::Random, square::Square, *};

    fn truncated(matrix: &Sparse, most: usize) -> Svd {
        super::truncated(Threads::ONE, matrix, most)
    }

    fn sparse(rows: &[Vec<f32>]) -> Sparse {
        let mut matrix = Sparse::new(rows.first().map_or(0, Vec::len));
        for row in rows {
            matrix.push(row.iter().copied().enumerate().filter(|(_, v)| *v != 0.0));
        }
        matrix
    }

    /// What is left of the matrix when its part in the found directions is taken away.
    fn rest(rows: &[Vec<f32>], found: &Svd) -> f64 {
        let k = found.values.len();
        let vector = |d: usize, column: usize| f64::from(found.vectors[column * k + d]);
        let mut sum = 0.0;
        for row in rows {
            let along: Vec<f64> = (0..k)
                .map(|d| {
                    (0..row.len())
                        .map(|c| f64::from(row[c]) * vector(d, c))
                        .sum()
                })
                .collect();
            for (column, value) in row.iter().enumerate() {
                let again: f64 = (0..k).map(|d| along[d] * vector(d, column)).sum();
                sum += (f64::from(*value) - again).powi(2);
            }
        }
        sum.sqrt()
    }

    fn numbers(height: usize, width: usize, seed: u64) -> Vec<Vec<f32>> {
        let mut random = Random::new(seed);
        let mut number = || (random.draw() % 2000) as f32 / 1000.0 - 1.0;
        (0..height)
            .map(|_| (0..width).map(|_| number()).collect())
            .collect()
    }

    fn product(one: &[Vec<f32>], other: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let cell = |row: &Vec<f32>, column: usize| -> f32 {
            row.iter().zip(other).map(|(v, of)| v * of[column]).sum()
        };
        one.iter()
            .map(|row| {
                (0..other[0].len())
                    .map(|column| cell(row, column))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_matrix_of_low_rank_is_found_again() {
        let rows = product(&numbers(60, 5, 2), &numbers(5, 90, 3));
        let found = truncated(&sparse(&rows), 12);
        assert_eq!(found.values.len(), 5, "{:?}", found.values);
        let all = rest(&rows, &Svd::default());
        assert!(rest(&rows, &found) < all * 1e-4);
    }

    #[test]
    fn vectors_are_orthogonal_and_their_largest_component_is_positive() {
        let found = &truncated(&sparse(&numbers(70, 50, 4)), 10);
        assert_eq!(found.values.len(), 10);
        for one in 0..10 {
            let column = |d: usize| (0..50).map(move |row| f64::from(found_at(found, row, d)));
            for other in 0..10 {
                let product: f64 = column(one).zip(column(other)).map(|(a, b)| a * b).sum();
                let wanted = if one == other { 1.0 } else { 0.0 };
                assert!((product - wanted).abs() < 1e-5, "{one} {other} {product}");
            }
            let largest = column(one).max_by(|a, b| a.abs().total_cmp(&b.abs()));
            assert!(largest.unwrap() > 0.0);
        }
    }

    fn found_at(found: &Svd, row: usize, d: usize) -> f32 {
        found.vectors[row * found.values.len() + d]
    }

    #[test]
    fn the_same_matrix_gives_the_same_bits() {
        let matrix = sparse(&numbers(40, 60, 5));
        assert_eq!(truncated(&matrix, 8), truncated(&matrix, 8));
        for threads in 2..9 {
            let found = super::truncated(Threads::of(threads), &matrix, 8);
            assert_eq!(found, truncated(&matrix, 8), "{threads}");
        }
    }

    #[test]
    fn empty_matrices_have_no_values() {
        assert_eq!(truncated(&Sparse::new(0), 5), Svd::default());
        assert_eq!(truncated(&Sparse::new(9), 5), Svd::default());
        let nothing = sparse(&[vec![0.0; 4], vec![0.0; 4]]);
        assert!(truncated(&nothing, 2).values.is_empty());
    }

    #[test]
    fn rows_that_are_all_the_same_have_one_value() {
        let rows: Vec<_> = std::iter::repeat_n(vec![3.0, 4.0, 0.0], 4).collect();
        let found = truncated(&sparse(&rows), 3);
        assert_eq!(found.values.len(), 1);
        assert!((found.values[0] - 10.0).abs() < 1e-4);
    }

    proptest! {
        /// Where the subspace is the whole, the values are those of a Jacobi on AᵀA.
        #[test]
        fn values_are_those_of_the_dense_problem(
            height in 1_usize..9, width in 1_usize..9, seed in any::<u64>(),
        ) {
            let rows = numbers(height, width, seed);
            let products: Square = (0..width)
                .map(|one| {
                    let at = |row: &Vec<f32>, c: usize| f64::from(row[c]);
                    (0..width)
                        .map(|other| rows.iter().map(|r| at(r, one) * at(r, other)).sum())
                        .collect()
                })
                .collect();
            let dense = eigen(products);
            let found = truncated(&sparse(&rows), 8);
            let greatest = dense[0].0.sqrt();
            for (place, value) in found.values.iter().enumerate() {
                prop_assert!((value - dense[place].0.sqrt()).abs() < 1e-3 * greatest);
            }
            prop_assert!(rest(&rows, &found) < 1e-3 * greatest + 1e-6);
        }
    }
}
