/** The words of the page, all of a language from one file, so that a translation is one more file. */

let texts = {};
let read = null;

/** What languages are called by those who speak them. */
export const NAMES = { en: "English", de: "Deutsch", fr: "Français", es: "Español", ja: "日本語", zh: "中文" };

/** Reads the words of a language, unless they are read, and lets the page say that it speaks it. */
export async function speak(language) {
  if (read === language) return;
  const page = document.documentElement;
  texts = await (await fetch(`${page.dataset.assets}/texts.${language}.json`)).json();
  read = language;
  page.lang = language;
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
