/** The words of the page, all from one file, so that a translation is one more file. */

let texts = {};

/** Reads the words. */
export async function readTexts(address) {
  texts = await (await fetch(address)).json();
}

/** Returns the text under a key, with `{name}` replaced by the value of that name. */
export function say(key, values = {}) {
  if (!(key in texts)) throw new Error(`text ${key}: there is none`);
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Returns words as a list in the language of the page, such as "A, B and C". */
export function listed(words) {
  return new Intl.ListFormat(document.documentElement.lang).format(words);
}
