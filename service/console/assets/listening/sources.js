/** Where the sounds of a system come from: a nebula, a corpus, or excerpts that are listed. */

import { element } from "../html.js";
import { field } from "../form.js";
import { get } from "../server.js";
import { text } from "./values.js";

const LISTED = "listed";

/** Returns the nebulae and corpora that there are. */
export async function sources() {
  const [nebulae, corpora] = await Promise.all([get("/v1/nebulae?limit=500"), get("/v1/corpora?limit=500")]);
  return { nebulae: nebulae.items, corpora: corpora.items };
}

/** Returns what people call a source: `{ nebula }` or `{ corpus }`, by name and id. */
export function sourceName({ nebulae, corpora }, { nebula, corpus }) {
  if (nebula) return nebulae.find(({ name }) => name === nebula)?.title ?? nebula;
  return corpora.find(({ id }) => id === corpus)?.name ?? corpus;
}

/** Returns a select of corpora, by id. */
export function corpusSelect({ corpora }, chosen, none) {
  const options = [["", none], ...corpora.map(({ id, name }) => [id, name])];
  if (chosen && !corpora.some(({ id }) => id === chosen)) options.push([chosen, `${chosen} (not here)`]);
  return element("select", {}, options.map(([value, label]) => option(value, label, chosen ?? "")));
}

/**
 * Returns the fields of a system, and what reads it.
 *
 * @param known Nebulae and corpora.
 * @param system As in the spec.
 * @param name Of the value.
 */
export function systemRow(known, system, name) {
  const called = element("input", { value: system.name ?? "", maxlength: 64, required: true });
  const source = sourceSelect(known, system);
  return {
    content: element(
      "div",
      { class: "together" },
      field(`${name}.name`, "Name", called),
      field(`${name}.nebula`, "Sounds from", source),
    ),
    read: () => ({ name: text(called), ...sourceOf(source) }),
  };
}

/** Returns a select of everything that makes sounds. */
export function sourceSelect({ nebulae, corpora }, { nebula, corpus }) {
  const chosen = nebula ? `nebula:${nebula}` : corpus ? `corpus:${corpus}` : LISTED;
  const groups = [
    ["Nebulae: random sounds", nebulae.map(({ name, title }) => [`nebula:${name}`, title])],
    ["Corpora: random sounds", corpora.map(({ id, name }) => [`corpus:${id}`, name])],
    ["Others", [[LISTED, "excerpts that you list"]]],
  ];
  const known = groups.flatMap(([, options]) => options.map(([value]) => value));
  if (!known.includes(chosen)) groups[2][1].push([chosen, `${nebula ?? corpus} (not here)`]);
  return element(
    "select",
    {},
    groups
      .filter(([, options]) => options.length > 0)
      .map(([label, options]) =>
        element("optgroup", { label }, options.map(([value, words]) => option(value, words, chosen))),
      ),
  );
}

/** Returns what a select says, as systems have it. */
export function sourceOf(control) {
  const [kind, ...rest] = control.value.split(":");
  return kind === LISTED ? {} : { [kind]: rest.join(":") };
}

function option(value, label, chosen) {
  return element("option", { value, selected: value === chosen }, label);
}
