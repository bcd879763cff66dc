/** Deleting a corpus, and what stands against it. */

import { asked } from "../dialog.js";
import { element } from "../html.js";
import { counted } from "../numbers.js";
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
  const agreed = await asked(`Delete “${corpus.name}”?`, [element("p", {}, text), usedBy(corpus.used_by)], "Delete", "danger");
  if (agreed === null) return false;
  const path = `/v1/corpora/${id}`;
  await (address === null ? send("DELETE", path) : leave("DELETE", path, address));
  return true;
}

/** Returns links to studies, the first of them where there are many. */
export function studyLinks(studies) {
  const links = studies
    .slice(0, SHOWN)
    .map(({ id, name }, place) => [place > 0 && ", ", element("a", { href: `/studies/${id}` }, name)]);
  return [links, studies.length > SHOWN && ` and ${counted(studies.length - SHOWN, "more", "more")}`];
}

/** Returns what deleting a corpus means for studies that have ended. */
function usedBy(studies) {
  if (studies.length === 0) return element("p", {}, "No study has used it.");
  const lead = studies.length === 1 ? "A study that has ended used it: " : `${studies.length} studies that have ended used it: `;
  const means = ". They keep what they have found, but can no longer be drawn beside it, nor done again.";
  return element("p", {}, lead, studyLinks(studies), means);
}

function needed(studies) {
  const which = studies.length === 1 ? "A study needs" : `${studies.length} studies need`;
  return element("p", {}, `${which} its sounds: `, studyLinks(studies), ". Stop or cancel first, then delete.");
}
