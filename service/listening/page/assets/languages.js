/** The words around the page, and links to the same page in other languages. */

import { element, show } from "./html.js";
import { NAMES, say, speak } from "./texts.js";

/** Brings all that stands around the page into a language, and offers those that the test has. */
export async function speakTo(language, languages = []) {
  await speak(language);
  for (const name of ["withdraw", "preview"]) document.querySelector(`.${name}`).textContent = say(name);
  const place = document.querySelector(".languages");
  place.hidden = languages.length < 2;
  place.setAttribute("aria-label", say("languages"));
  show(place, languages.map((other) => link(other, language)));
}

function link(language, spoken) {
  const address = new URL(location.href);
  address.searchParams.set("lang", language);
  const current = language === spoken ? "page" : null;
  const attributes = { href: address.pathname + address.search, lang: language, hreflang: language };
  return element("a", { ...attributes, "aria-current": current }, NAMES[language]);
}
