/** Planning a test: `/listening-tests/new`, like another one `?from=ID`; a draft anew: `/listening-tests/ID/plan`. */

import { field, select } from "../form.js";
import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { create, get, send } from "../server.js";
import { may, subject } from "../session.js";
import { empty } from "../table.js";
import { Power } from "./power.js";
import { preview } from "./preview.js";
import { sources } from "./sources.js";
import { SpecForm } from "./spec-form.js";

const place = find("#form");
const power = new Power(find("#power"));
const path = "/v1/listening-tests";

await trying(may("experimenter") ? plan : explain)();

async function plan() {
  const from = subject || new URLSearchParams(location.search).get("from");
  const [known, shipped, other] = await Promise.all([
    sources(),
    get(`${path}/specs`),
    from ? get(`${path}/${encodeURIComponent(from)}`) : null,
  ]);
  if (subject) find("h1").textContent = `Plan ${other.name}`;
  const form = new SpecForm(known);
  const starts = other ? null : startSelect(shipped.items, form);
  const button = element("button", {}, subject ? "Save the plan" : "Plan this test");
  const back = subject ? `/listening-tests/${encodeURIComponent(subject)}` : "/listening-tests";
  const shown = preview(
    "Preview as a participant",
    () => {
      form.clear();
      return form.get();
    },
    (error) => form.fail(error),
  );
  form.set(other ? other.spec : shipped.items[0].spec);
  form.element.append(
    element("div", { class: "row" }, button, shown, element("a", { class: "button quiet", href: back }, "Back")),
  );
  form.element.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(form, button);
  });
  form.element.addEventListener("input", () => follow(form));
  show(place, starts, form.element);
  follow(form);
}

function startSelect(shipped, form) {
  const control = select(shipped.map(({ name, spec }) => [name, `${name}: ${spec.texts.title}`]));
  control.addEventListener("change", () => {
    const buttons = form.element.lastElementChild;
    form.set(shipped.find(({ name }) => name === control.value).spec);
    form.element.append(buttons);
    follow(form);
  });
  return element(
    "section",
    { class: "panel" },
    field("start", "Start from", control, "A spec that ships with Nebula; change whatever you like."),
  );
}

function follow(form) {
  try {
    power.follow(form.get());
  } catch (error) {
    // JSON that is being typed cannot be read until it is whole.
    if (error.name !== "ServerError") throw error;
  }
}

async function keep(form, button) {
  form.clear();
  button.disabled = true;
  try {
    const spec = form.get();
    const test = subject
      ? await send("PUT", `${path}/${encodeURIComponent(subject)}`, spec)
      : await create(path, spec);
    location.assign(`/listening-tests/${test.id}`);
  } catch (error) {
    form.fail(error);
    button.disabled = false;
  }
}

/** Who only looks can still find out how many listeners a test takes. */
async function explain() {
  const { items } = await get(`${path}/specs`);
  power.follow(items[0].spec);
  show(place, empty(element("p", {}, "Planning a listening test takes an experimenter's key.")));
}
