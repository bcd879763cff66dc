/** Deleting a corpus, and what stands against it. */

import { asked } from "../dialog.js";
import { element } from "../html.js";
import { count, counted } from "../numbers.js";
import { get, leave, send } from "../server.js";

const SHOWN = 8;

/**
 * Deletes a corpus if the person agrees and no study needs it; returns whether it is gone.
 *
 * @param id Of the corpus.
 * @param address What the page is left for then, if it is.
 */
export async function deleted(id, address = null) {
  const corpus = await get(`/v1/corpora/${id}`);
  if (corpus.studies.length > 0) {
    const studies = corpus.used_by.filter(({ id }) => corpus.studies.includes(id));
    const agreed = await asked(`“${corpus.name}” is needed`, [needed(studies)], "Go to the study");
    if (agreed) location.assign(`/studies/${studies[0].id}`);
    return false;
  }
  const sounds = counted(corpus.sounds_usable + corpus.sounds_excluded, "sound");
  const text = `Its ${sounds} are deleted from the server. This cannot be taken back.`;
  const words = [element("p", {}, text), usedBy(corpus.used_by), planned(corpus.listening_tests), matched(corpus.matches)];
  const agreed = await asked(`Delete “${corpus.name}”?`, words, "Delete", "danger");
  if (agreed === null) return false;
  const path = `/v1/corpora/${id}`;
  await (address === null ? send("DELETE", path) : leave("DELETE", path, address));
  return true;
}

/** Returns links to studies, or to what lies at another address, the first of them where there are many. */
export function links(named, address = "/studies") {
  const shown = named
    .slice(0, SHOWN)
    .map(({ id, name }, place) => [place > 0 && ", ", element("a", { href: `${address}/${id}` }, name)]);
  return [shown, named.length > SHOWN && ` and ${counted(named.length - SHOWN, "more", "more")}`];
}

/** Returns what it means for listening tests that have no copies of the sounds yet. */
function planned(tests) {
  const open = tests.filter(({ is_sealed }) => !is_sealed);
  if (open.length === 0) return false;
  const lead = open.length === 1 ? "A listening test plays its sounds" : `${open.length} listening tests play its sounds`;
  return element("p", {}, `${lead} and could not be sealed without it: `, links(open, "/listening-tests"), ".");
}

/** Returns what it means for matches. */
function matched(matches) {
  if (matches === 0) return false;
  const lead = matches === 1 ? "A match is" : `${count(matches)} matches are`;
  return element("p", {}, `${lead} of its recordings. What was found stays; the recordings are no longer heard beside it.`);
}

/** Returns what deleting a corpus means for studies that have ended. */
function usedBy(studies) {
  if (studies.length === 0) return element("p", {}, "No study has used it.");
  const lead = studies.length === 1 ? "A study that has ended used it: " : `${studies.length} studies that have ended used it: `;
  const means = ". They keep what they have found, but can no longer be drawn beside it, nor done again.";
  return element("p", {}, lead, links(studies), means);
}

function needed(studies) {
  const which = studies.length === 1 ? "A study needs" : `${studies.length} studies need`;
  return element("p", {}, `${which} its sounds: `, links(studies), ". Stop or cancel first, then delete.");
}
