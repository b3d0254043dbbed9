//! Small square matrices: products of columns, their Cholesky factor and their eigenvectors.

use super::{dense::Dense, threads::Threads};
use crate::ranking::wide::{self, add_exactly};

/// A square matrix in rows of their own.
pub(super) type Square = Vec<Vec<f64>>;

/// The products of the columns with each other.
pub(super) fn gram(threads: Threads, dense: &Dense) -> Square {
    let width = dense.width;
    let mut products = vec![vec![0.0; width]; width];
    // Dealt out in turn: of the first ones there is more to be summed up.
    let mut parts: Vec<Vec<_>> = (0..threads.count()).map(|_| Vec::new()).collect();
    for (column, sums) in products.iter_mut().enumerate() {
        let sums = sums.get_mut(column..).unwrap_or_default();
        if let Some(part) = parts.get_mut(column % threads.count()) {
            part.push((column, sums));
        }
    }
    threads.each(parts, |mut sums| add_products(dense, &mut sums));
    // Only the right upper half was summed up; the other half is its mirror image.
    let mut upper = products.clone();
    for (column, row) in products.iter().enumerate() {
        for (below, value) in upper.iter_mut().zip(row).skip(column + 1) {
            if let Some(place) = below.get_mut(column) {
                *place = *value;
            }
        }
    }
    upper
}

/// Sums up products of some columns with those that are not before them. Four rows are taken at
/// once, so that each sum is fetched a quarter as often.
fn add_products(dense: &Dense, products: &mut [(usize, &mut [f64])]) {
    let width = dense.width;
    let mut four: [Vec<f64>; 4] = std::array::from_fn(|_| vec![0.0; width]);
    for rows in dense.data.chunks(4 * width) {
        let mut rows = rows.chunks_exact(width);
        for exact in &mut four {
            match rows.next() {
                Some(row) => exact
                    .iter_mut()
                    .zip(row)
                    .for_each(|(exact, value)| *exact = f64::from(*value)),
                None => exact.fill(0.0),
            }
        }
        for (column, sums) in products.iter_mut() {
            add_four(sums, four.each_ref().map(|row| from(row, *column)));
        }
    }
}

fn from(row: &[f64], column: usize) -> &[f64] {
    row.get(column..).unwrap_or_default()
}

/// Adds to each sum the products of four rows, each with its own first value.
fn add_four(sums: &mut [f64], rows: [&[f64]; 4]) {
    let firsts = rows.map(|row| row.first().copied().unwrap_or_default());
    wide::add_four(sums, firsts, rows);
}

/// Makes the columns orthogonal and of length 1 (Cholesky QR). A column that is made up of those
/// before it becomes zero.
pub(super) fn orthonormalise(threads: Threads, basis: &mut Dense) {
    let factor = cholesky(gram(threads, basis));
    let width = basis.width;
    threads.each(basis.parts_mut(threads), |(_, rows)| {
        divide(rows.chunks_exact_mut(width), &factor, width);
    });
}

/// Takes the factor out of rows of so many numbers.
fn divide<'a>(rows: impl Iterator<Item = &'a mut [f32]>, factor: &[FactorRow], width: usize) {
    let mut exact = vec![0.0; width];
    for row in rows {
        for (exact, value) in exact.iter_mut().zip(row.iter()) {
            *exact = f64::from(*value);
        }
        let mut left = exact.as_mut_slice();
        for of_factor in factor {
            let Some((value, rest)) = left.split_first_mut() else {
                break;
            };
            *value *= of_factor.scale;
            add_exactly(rest, -*value, &of_factor.rest);
            left = rest;
        }
        for (value, exact) in row.iter_mut().zip(&exact) {
            *value = narrow(*exact);
        }
    }
}

/// With fewer digits.
#[expect(clippy::cast_possible_truncation, reason = "fewer digits are wanted")]
pub(in crate::ranking) fn narrow(value: f64) -> f32 {
    value as f32
}

/// A row of the upper triangle that a matrix of products is the square of.
struct FactorRow {
    /// One divided by the element on the diagonal; zero for a column that is to become zero.
    scale: f64,
    /// The elements right of the diagonal.
    rest: Vec<f64>,
}

/// The triangle whose square is the matrix.
fn cholesky(mut products: Square) -> Vec<FactorRow> {
    /// What is left of a column, beside what it was, when rounding is all that is left.
    const NOTHING: f64 = 1e-13;
    let lengths: Vec<f64> = (0_usize..)
        .zip(&products)
        .map(|(column, row)| row.get(column).copied().unwrap_or_default())
        .collect();
    let mut factor = Vec::with_capacity(products.len());
    let mut left = products.as_mut_slice();
    for (column, length) in lengths.into_iter().enumerate() {
        let Some((row, below)) = left.split_first_mut() else {
            break;
        };
        let row = from(row, column);
        let pivot = row.first().copied().unwrap_or_default();
        let is_left = pivot > length * NOTHING && pivot > f64::MIN_POSITIVE;
        let scale = if is_left { 1.0 / pivot.sqrt() } else { 0.0 };
        let rest: Vec<f64> = from(row, 1).iter().map(|value| value * scale).collect();
        for (place, (value, row)) in rest.iter().zip(below.iter_mut()).enumerate() {
            let row = row.get_mut(column + 1 + place..).unwrap_or_default();
            add_exactly(row, -value, from(&rest, place));
        }
        factor.push(FactorRow { scale, rest });
        left = below;
    }
    factor
}

/// The eigenvalues and eigenvectors of a symmetric matrix without negative eigenvalues, greatest
/// first: its rows are turned in pairs until all stand at right angles (Hestenes 1958).
pub(super) fn eigen(mut rows: Square) -> Vec<(f64, Vec<f64>)> {
    /// Far more than it takes.
    const ROUNDS: usize = 60;
    /// A row that is so short beside the longest is noise, and noise is never at right angles.
    const NOTHING: f64 = 1e-13;
    let longest = rows.iter().map(|row| dot(row, row)).fold(0.0, f64::max);
    for _ in 0..ROUNDS {
        let mut turned = false;
        let mut left = rows.as_mut_slice();
        while let Some((one, others)) = left.split_first_mut() {
            for other in others.iter_mut() {
                turned |= turn(one, other, longest * NOTHING * NOTHING);
            }
            left = others;
        }
        if !turned {
            break;
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> = rows
        .into_iter()
        .map(|mut row| {
            let length = dot(&row, &row).sqrt();
            if length > 0.0 {
                row.iter_mut().for_each(|value| *value /= length);
            }
            (length, row)
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found
}

/// Turns two rows in their plane so that they stand at right angles; whether they did not.
fn turn(one: &mut [f64], other: &mut [f64], nothing: f64) -> bool {
    /// Rounding alone is left.
    const RIGHT: f64 = 1e-12;
    let (squared, other_squared, both) = (dot(one, one), dot(other, other), dot(one, other));
    if both.abs() <= RIGHT * (squared * other_squared).sqrt()
        || squared.min(other_squared) <= nothing
    {
        return false;
    }
    let cotangent = (other_squared - squared) / (2.0 * both);
    let tangent = cotangent.signum() / (cotangent.abs() + cotangent.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = cosine * tangent;
    for (one, other) in one.iter_mut().zip(other) {
        (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
    }
    true
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gram(dense: &Dense) -> Square {
        super::gram(Threads::of(3), dense)
    }

    fn orthonormalise(basis: &mut Dense) {
        super::orthonormalise(Threads::of(3), basis);
    }

    proptest! {
        #[test]
        fn eigenvectors_are_turned_into_multiples_of_themselves(
            rows in (1_usize..9).prop_flat_map(|width| {
                proptest::collection::vec(proptest::collection::vec(-1.0_f64..1.0, width), width + 2)
            }),
        ) {
            let width = rows[0].len();
            let product = |one: usize, other: usize| -> f64 {
                rows.iter().map(|row| row[one] * row[other]).sum()
            };
            let matrix: Square = (0..width)
                .map(|one| (0..width).map(|other| product(one, other)).collect())
                .collect();
            let mut least = f64::MAX;
            for (value, vector) in eigen(matrix.clone()) {
                prop_assert!(value <= least);
                least = value;
                for (row, component) in matrix.iter().zip(&vector) {
                    prop_assert!((dot(row, &vector) - value * component).abs() < 1e-6);
                }
            }
        }

        #[test]
        fn columns_become_orthogonal(
            data in proptest::collection::vec(-1.0_f32..1.0, 4 * 9),
        ) {
            let mut basis = Dense { width: 4, data };
            orthonormalise(&mut basis);
            for (one, row) in gram(&basis).iter().enumerate() {
                for (other, product) in row.iter().enumerate() {
                    let wanted = if one == other { 1.0 } else { 0.0 };
                    prop_assert!((product - wanted).abs() < 1e-4, "{one} {other} {product}");
                }
            }
        }
    }

    #[test]
    fn a_column_that_is_made_up_of_others_becomes_zero() {
        let data = vec![1.0, 2.0, 0.0, 3.0, 6.0, 1.0];
        let mut basis = Dense { width: 3, data };
        orthonormalise(&mut basis);
        let lengths: Vec<f64> = (0..3).map(|column| gram(&basis)[column][column]).collect();
        assert!((lengths[0] - 1.0).abs() < 1e-6);
        assert!(lengths[1].abs() < 1e-12);
        assert!((lengths[2] - 1.0).abs() < 1e-6);
    }
}
