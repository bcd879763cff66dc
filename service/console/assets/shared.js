/** What somebody with a link sees: one study with its answer, or one nebula, and sounds of it. */

import { element, find, show } from "./html.js";
import { fail } from "./notice.js";
import { counted } from "./numbers.js";
import { get } from "./server.js";
import { subject } from "./session.js";
import { drawAnswer } from "./studies/answer.js";
import { tiles } from "./tile.js";
import { moment } from "./time.js";
import { showVolume } from "./volume.js";

/** Shows what a study has come to, or how far it is. */
function showStudy({ state, objective, start, target, verdict, finalists, ...study }) {
  const title = target === null ? null : { title: target };
  const words = objective === "match" ? `towards ${target ?? "a target that is not there any more"}` : "towards variety";
  show(
    find("#about"),
    `A study of ${study.synth}, tuned ${words}`,
    study.created_at && [", ended ", moment(study.created_at)],
    ".",
  );
  find("#answer").closest("section").hidden = false;
  if (verdict === null) {
    const far = `${study.trials_done} of ${counted(study.trials_total, "trial")} are done`;
    show(find("#answer"), element("p", {}, `It is ${state}: ${far}, and what it comes to is not known yet.`));
    return;
  }
  drawAnswer(find("#answer"), { spec: { objective, search: { start } } }, { verdict, finalists, target: title }, []);
}

function showSounds(sides) {
  show(
    find("#sounds"),
    sides.length === 0 && element("p", { class: "soft" }, "There is nothing to hear yet."),
    element(
      "div",
      { class: "sides" },
      sides.map(({ title, sounds }) =>
        element(
          "div",
          {},
          element("h2", {}, title),
          tiles(
            title,
            sounds.map((sound, seed) => ({ label: `seed ${seed}`, sound })),
          ),
        ),
      ),
    ),
  );
}

showVolume();
try {
  const shared = await get(`/v1/shared/${encodeURIComponent(subject)}`);
  find("h1").textContent = shared.title;
  document.title = `${shared.title} – Nebula`;
  if (shared.kind === "study") showStudy(shared);
  else show(find("#about"), `A nebula of ${shared.synth}: each seed is another sound.`);
  showSounds(shared.sides);
  find("#sounds").closest("section").hidden = false;
} catch (error) {
  fail(error);
}
