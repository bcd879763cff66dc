/**
 * What a curve does to a draw: a position u within [0, 1], every one as likely, becomes u ** (1 / curve) of the range;
 * symmetric curves do that on either side of the centre.
 */

/** Curves that are shaped by hand lie within these. */
export const LEAST = 0.01;
export const MOST = 100;

/** Returns where in its range, from 0 to 1, the value lies that a draw becomes. */
export function bent(draw, { curve, symmetric }) {
  if (!symmetric) return draw ** (1 / curve);
  const distance = 2 * draw - 1;
  return (1 + Math.sign(distance) * Math.abs(distance) ** (1 / curve)) / 2;
}

/** Returns what share of the values lies below a place in the range; the inverse of `bent`. */
export function below(place, { curve, symmetric }) {
  if (!symmetric) return place ** curve;
  const distance = 2 * place - 1;
  return (1 + Math.sign(distance) * Math.abs(distance) ** curve) / 2;
}

/** Returns the curve that leads a draw to a place in the range, as near as `LEAST` and `MOST` allow. */
export function through(draw, place, symmetric) {
  let [from, to] = [draw, place];
  if (symmetric) {
    from = Math.abs(2 * draw - 1);
    // On the other side of the centre there is no such curve; the flattest is the nearest.
    to = (2 * place - 1) * Math.sign(2 * draw - 1);
  }
  const inside = (value) => Math.min(0.999, Math.max(0.001, value));
  return rounded(Math.log(inside(from)) / Math.log(inside(to)));
}

/** Returns a curve within `LEAST` and `MOST`, to three digits. */
export function rounded(curve) {
  return Number(Math.min(MOST, Math.max(LEAST, curve)).toPrecision(3));
}

/** Returns a curve in figures. */
export function written(curve) {
  return String(Number(curve.toPrecision(3)));
}
