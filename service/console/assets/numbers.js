/** Figures in words. */

const COUNT = new Intl.NumberFormat("en");

/** Returns a count with its thousands apart: 12,800. */
export function count(number) {
  return COUNT.format(number);
}

/** Returns a count and what is counted: 1 trial, 12 trials. */
export function counted(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Returns a score to four significant digits; a dash if there is none. */
export function score(number) {
  if (number === null || number === undefined) return "–";
  if (number !== 0 && (Math.abs(number) < 1e-4 || Math.abs(number) >= 1e6)) return number.toExponential(2);
  return String(Number(number.toPrecision(4)));
}

/** Returns a share as a percentage: 41 %. */
export function percent(share, digits = 0) {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Returns a size: 1.4 MB. */
export function bytes(number) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let place = 0;
  while (number >= 1000 && place < units.length - 1) {
    number /= 1000;
    place += 1;
  }
  return `${place === 0 ? number : number.toPrecision(3)} ${units[place]}`;
}
