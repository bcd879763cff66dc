/** Deleting a corpus, and what stands against it. */

import { asked, confirmed } from "../dialog.js";
import { element } from "../html.js";
import { counted } from "../numbers.js";
import { get, send } from "../server.js";

/** Deletes a corpus if the person agrees and no study needs it; returns whether it is gone. */
export async function deleted(id) {
  const corpus = await get(`/v1/corpora/${id}`);
  if (corpus.studies.length > 0) {
    const studies = await Promise.all(corpus.studies.map((study) => get(`/v1/studies/${study}`)));
    const agreed = await asked(`“${corpus.name}” is needed`, [needed(studies)], "Go to the study");
    if (agreed) location.assign(`/studies/${studies[0].id}`);
    return false;
  }
  const text = `Its ${counted(corpus.sounds_usable, "sound")} are deleted from the server. This cannot be taken back.`;
  if (!(await confirmed(`Delete “${corpus.name}”?`, text, "Delete"))) return false;
  await send("DELETE", `/v1/corpora/${id}`);
  return true;
}

/** Returns links to studies. */
export function studyLinks(studies) {
  return studies.map(({ id, name }, place) => [place > 0 && ", ", element("a", { href: `/studies/${id}` }, name)]);
}

function needed(studies) {
  const which = studies.length === 1 ? "A study needs" : `${studies.length} studies need`;
  return element("p", {}, `${which} its sounds: `, studyLinks(studies), ". Stop or cancel first, then delete.");
}
