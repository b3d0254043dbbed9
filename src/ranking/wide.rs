//! Loops over numbers, as wide as the processor goes: a program that runs on any of its kind is
//! compiled for the least of them, which takes half as many numbers at a time as those of today.
//!
//! No sum is added up in another order, and no product is rounded otherwise, so that all processors
//! find the same digits.

use fearless_simd::{Level, dispatch};

/// Adds a multiple of one row to another.
pub(super) fn add(out: &mut [f32], factor: f32, row: &[f32]) {
    dispatch!(Level::new(), _ => added(out, factor, row));
}

#[inline(always)]
fn added(out: &mut [f32], factor: f32, row: &[f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out += factor * value;
    }
}

/// [`add`] of whole numbers.
pub(super) fn add_whole(out: &mut [f32], factor: f32, row: &[i8]) {
    dispatch!(Level::new(), _ => added_whole(out, factor, row));
}

#[inline(always)]
fn added_whole(out: &mut [f32], factor: f32, row: &[i8]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out += factor * f32::from(*value);
    }
}

/// [`add`] with more digits.
pub(super) fn add_exactly(out: &mut [f64], factor: f64, row: &[f64]) {
    dispatch!(Level::new(), _ => added_exactly(out, factor, row));
}

#[inline(always)]
fn added_exactly(out: &mut [f64], factor: f64, row: &[f64]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out += factor * value;
    }
}

/// Adds multiples of four rows to another.
pub(super) fn add_four(out: &mut [f64], factors: [f64; 4], rows: [&[f64]; 4]) {
    dispatch!(Level::new(), _ => added_four(out, factors, rows));
}

#[inline(always)]
fn added_four(out: &mut [f64], factors: [f64; 4], rows: [&[f64]; 4]) {
    let [a, b, c, d] = factors;
    let [one, two, three, four] = rows;
    let pairs = one.iter().zip(two).zip(three.iter().zip(four));
    for (out, ((one, two), (three, four))) in out.iter_mut().zip(pairs) {
        *out += a * one + b * two + c * three + d * four;
    }
}

/// The sum of the products of two rows of whole numbers.
pub(super) fn product(one: &[i8], other: &[i16]) -> i32 {
    dispatch!(Level::new(), _ => summed(one, other))
}

#[inline(always)]
fn summed(one: &[i8], other: &[i16]) -> i32 {
    let products = one.iter().zip(other);
    products
        .map(|(one, other)| i32::from(*one) * i32::from(*other))
        .sum()
}

/// Whole numbers as others.
pub(super) fn widen(out: &mut [f32], row: &[i8]) {
    dispatch!(Level::new(), _ => widened(out, row));
}

#[inline(always)]
fn widened(out: &mut [f32], row: &[i8]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = f32::from(*value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        /// Of any length, also where the last numbers fill no whole vector.
        #[test]
        fn the_digits_are_those_of_one_number_at_a_time(
            numbers in vec((-1e3_f32..1e3, -1e3_f32..1e3, -1e3_f64..1e3, any::<i8>(), any::<i16>()), 0..70),
            factor in -1e3_f32..1e3,
        ) {
            let of = |pick: fn(&(f32, f32, f64, i8, i16)) -> f32| -> Vec<f32> {
                numbers.iter().map(pick).collect()
            };
            let (begun, row) = (of(|n| n.0), of(|n| n.1));
            let mut sums = begun.clone();
            add(&mut sums, factor, &row);
            for ((sum, begun), value) in sums.iter().zip(&begun).zip(&row) {
                let alone = begun + factor * value;
                prop_assert_eq!(sum.to_bits(), alone.to_bits());
            }
            let exact: Vec<f64> = numbers.iter().map(|n| n.2).collect();
            let factors = [1.0 / 3.0, f64::from(factor), -0.7, 1e-9];
            let mut sums = exact.clone();
            add_exactly(&mut sums, f64::from(factor), &exact);
            let mut of_four = exact.clone();
            add_four(&mut of_four, factors, [&exact; 4]);
            for ((sum, four), value) in sums.iter().zip(&of_four).zip(&exact) {
                let alone = value + f64::from(factor) * value;
                prop_assert_eq!(sum.to_bits(), alone.to_bits());
                let [a, b, c, d] = factors.map(|factor| factor * value);
                prop_assert_eq!(four.to_bits(), (value + (a + b + c + d)).to_bits());
            }
            let small: Vec<i8> = numbers.iter().map(|n| n.3).collect();
            let large: Vec<i16> = numbers.iter().map(|n| n.4).collect();
            let alone: i32 = numbers.iter().map(|n| i32::from(n.3) * i32::from(n.4)).sum();
            prop_assert_eq!(product(&small, &large), alone);
            let mut wide = vec![0.0; small.len()];
            widen(&mut wide, &small);
            let alone: Vec<f32> = small.iter().map(|value| f32::from(*value)).collect();
            prop_assert_eq!(&wide, &alone);
            let (mut of_whole, mut of_wide) = (begun.clone(), begun);
            add_whole(&mut of_whole, factor, &small);
            add(&mut of_wide, factor, &wide);
            prop_assert_eq!(of_whole, of_wide);
        }
    }
}
