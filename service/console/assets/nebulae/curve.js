/**
 * What a curve does to a draw: a position u within [0, 1], every one as likely, becomes u ** (1 / curve) of the range,
 * after a fall other than 1 has made 1 - (1 - u) ** (1 / fall) of it; symmetric curves do that on either side of the
 * centre.
 */

/** Curves that are shaped by hand lie within these. */
export const LEAST = 0.01;
export const MOST = 100;

/** Returns where in its range, from 0 to 1, the value lies that a draw becomes. */
export function bent(draw, { curve, fall, symmetric }) {
  if (!symmetric) return raised(draw, curve, fall);
  const distance = 2 * draw - 1;
  return (1 + Math.sign(distance) * raised(Math.abs(distance), curve, fall)) / 2;
}

function raised(draw, curve, fall) {
  return fall === 1 ? draw ** (1 / curve) : Math.exp(fallen(draw, fall) / curve);
}

/** The logarithm of what a fall makes of a draw; falls of narrow nebulae are far beyond what 1 - x can tell. */
function fallen(draw, fall) {
  const waited = -Math.log1p(-draw);
  const share = waited / fall;
  return share < Number.EPSILON ? Math.log(waited) - Math.log(fall) : Math.log(-Math.expm1(-share));
}

/** Returns what share of the values lies below a place in the range; the inverse of `bent`. */
export function below(place, { curve, fall, symmetric }) {
  if (!symmetric) return share(place, curve, fall);
  const distance = 2 * place - 1;
  return (1 + Math.sign(distance) * share(Math.abs(distance), curve, fall)) / 2;
}

function share(place, curve, fall) {
  if (fall === 1) return place ** curve;
  const logarithm = curve * Math.log(place);
  const missing = logarithm < -36 ? logarithm : Math.log(-Math.log1p(-Math.exp(logarithm)));
  return -Math.expm1(-Math.exp(missing + Math.log(fall)));
}

/** Returns the curve that leads a draw to a place in the range, as near as `LEAST` and `MOST` allow. */
export function through(draw, place, { fall, symmetric }) {
  let [from, to] = [draw, place];
  if (symmetric) {
    from = Math.abs(2 * draw - 1);
    // On the other side of the centre there is no such curve; the flattest is the nearest.
    to = (2 * place - 1) * Math.sign(2 * draw - 1);
  }
  const inside = (value) => Math.min(0.999, Math.max(0.001, value));
  const logarithm = fall === 1 ? Math.log(inside(from)) : fallen(inside(from), fall);
  return rounded(logarithm / Math.log(inside(to)));
}

/** Returns a curve within `LEAST` and `MOST`, to three digits. */
export function rounded(curve) {
  return Number(Math.min(MOST, Math.max(LEAST, curve)).toPrecision(3));
}

/** Returns a curve, or a fall, in figures. */
export function written(curve) {
  return String(Number(curve.toPrecision(3)));
}

/** Returns how a parameter is bent, in words. */
export function shapeWords({ curve, fall, symmetric }) {
  return `${written(curve)}${fall === 1 ? "" : `, fall ${written(fall)}`}${symmetric ? ", symmetric" : ""}`;
}
