/** Keys: who may do what. Their secrets are shown once, when they are made. */

import { copyable } from "../copy.js";
import { asked, confirmed } from "../dialog.js";
import { clearProblems, field, select, showProblems } from "../form.js";
import { element, show } from "../html.js";
import { say, trying } from "../notice.js";
import { post, send } from "../server.js";
import { PagedTable } from "../table.js";
import { moment } from "../time.js";

const ROLES = {
  viewer: "looks and listens",
  experimenter: "also uploads, runs studies and listening tests",
  admin: "also keys and the audit log",
};

/** Shows all keys, and a form for another one. */
export async function showKeys(place) {
  const holder = element("div");
  const list = new PagedTable(holder, "/v1/keys", {
    label: "Keys",
    limit: 20,
    columns: [
      { title: "Name", cell: ({ name }) => name },
      { title: "Role", cell: ({ role }) => role },
      { title: "Made", cell: ({ created_at: at }) => moment(at) },
      { title: "Ended", cell: ({ revoked_at: at }) => moment(at) },
      { title: element("span", { class: "hidden-text" }, "What can be done"), cell: (key) => revokeButton(key, list) },
    ],
    empty: null,
  });
  show(
    place,
    element("h2", {}, "Keys"),
    element("p", { class: "soft" }, "Everybody has one of their own: the log says whose key did what."),
    newKey(list),
    holder,
  );
  await list.load();
}

function newKey(list) {
  const name = element("input", { maxlength: 64, required: true, autocomplete: "off" });
  const role = select(Object.entries(ROLES).map(([value, can]) => [value, `${value}: ${can}`]));
  const form = element(
    "form",
    {
      class: "new-key",
      novalidate: true,
      submit: async (event) => {
        event.preventDefault();
        clearProblems(form);
        try {
          const made = await post("/v1/keys", { name: name.value.trim(), role: role.value });
          form.reset();
          await list.load();
          await showSecret(made);
        } catch (error) {
          showProblems(form, error);
        }
      },
    },
    field("name", "Name", name, "Whose or what for."),
    field("role", "Role", role, "What it allows."),
    element("button", {}, "Make a key"),
  );
  return form;
}

function showSecret({ name, role, token }) {
  return asked(
    `The key of ${name}`,
    [
      element(
        "p",
        {},
        `It is shown this once only, and kept nowhere. Whoever has it may do what ${article(role)} may.`,
      ),
      copyable("Secret", token),
    ],
    "Done",
  );
}

function article(role) {
  return role === "viewer" ? "a viewer" : `an ${role}`;
}

function revokeButton(key, list) {
  if (key.revoked_at !== null) return null;
  return element(
    "button",
    {
      type: "button",
      class: "danger small",
      "aria-label": `Revoke ${key.name}`,
      click: trying(async () => {
        const warning = "Whoever has it is out at once, in every browser too. There is no way back.";
        if (!(await confirmed(`Revoke the key of ${key.name}?`, warning, "Revoke"))) return;
        await send("DELETE", `/v1/keys/${key.id}`);
        say(`The key of ${key.name} is revoked.`);
        await list.load();
      }),
    },
    "Revoke",
  );
}
