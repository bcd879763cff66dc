/** Who works on what, and how fast; for admins the keys, and who did what. */

import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { bytes, count } from "../numbers.js";
import { repeat } from "../polling.js";
import { get } from "../server.js";
import { may } from "../session.js";
import { empty, facts, table } from "../table.js";
import { moment } from "../time.js";
import { showAudit } from "./audit.js";
import { showKeys } from "./keys.js";

const REFRESH_SECONDS = 3;

const WORKERS = [
  { title: "Worker", cell: ({ name }) => name },
  { title: "Host", cell: ({ host }) => host },
  { title: "Device", cell: ({ device }) => device },
  { title: "Address", cell: ({ address }) => element("span", { class: "mono" }, address) },
  { title: "Seen", cell: ({ seen_at: at }) => moment(at) },
  { title: "Tasks", cell: ({ tasks }) => count(tasks), number: true },
  { title: "Memory", cell: ({ memory_bytes: memory }) => bytes(memory), number: true },
];

if (may("admin")) trying(() => Promise.all([showKeys(find("#keys")), showAudit(find("#audit"))]))();

await trying(() =>
  repeat(REFRESH_SECONDS, async () => {
    const [system, failed] = await Promise.all([get("/v1/system"), get("/v1/studies?state=failed&limit=5")]);
    find("#version").textContent = `Nebula ${system.version}, over ${system.database}`;
    show(find("#overview"), overview(system));
    show(find("#workers"), workers(system));
    show(find("#errors"), errors(system, failed.items));
  }),
)();

function overview({ manager, studies, workers: pool }) {
  const by = Map.groupBy(pool, ({ device }) => device);
  const devices = [...by].map(([device, { length }]) => `${length} × ${device}`);
  return element(
    "div",
    { class: "tiles" },
    tile("Manager", [
      element("p", {}, managerBadge(manager)),
      element(
        "p",
        { class: "soft" },
        manager.beat_at ? ["Last heard of ", moment(manager.beat_at)] : "Never heard of.",
      ),
    ]),
    tile("Pool", [
      facts([
        ["Workers", count(pool.length)],
        ["Devices", devices.join(", ") || "–"],
      ]),
    ]),
    tile("Throughput", [
      facts([
        ["Evaluations a minute", count(manager.evaluations_per_minute)],
        ["Ever", count(manager.evaluations)],
      ]),
    ]),
    tile("Queue", [
      facts([
        ["Tasks in the pool", count(manager.tasks)],
        ["Studies running", count(studies.running + studies.stopping)],
        ["Waiting", count(studies.queued)],
      ]),
    ]),
  );
}

function tile(title, content) {
  return element("section", { class: "panel" }, element("h2", {}, title), content);
}

function managerBadge({ alive, pool_reached: reached }) {
  if (!alive) return element("span", { class: "badge alert" }, "away");
  return element("span", { class: `badge ${reached ? "good" : "wait"}` }, reached ? "at work" : "without its pool");
}

function workers({ workers: pool }) {
  return [
    element("h2", {}, "Workers"),
    pool.length > 0
      ? table("Workers", WORKERS, pool)
      : empty(
          element(
            "p",
            {},
            "No worker. They come with ",
            element("code", {}, "nebula serve"),
            ", and from other machines with ",
            element("code", {}, "nebula worker"),
            ".",
          ),
        ),
  ];
}

function errors({ trial_failures: failures, studies }, failed) {
  return [
    element("h2", {}, "Errors"),
    facts([
      ["Failed studies", count(studies.failed)],
      ["Failed trials", count(failures)],
    ]),
    failed.length > 0
      ? table("Studies that failed", [
          { title: "Study", cell: ({ id, name }) => element("a", { href: `/studies/${id}` }, name) },
          { title: "Why", cell: ({ reason }) => reason },
          { title: "When", cell: ({ ended_at: at }) => moment(at) },
        ], failed)
      : null,
    studies.failed > failed.length
      ? element("p", {}, element("a", { href: "/studies?state=failed" }, `All ${count(studies.failed)} failed studies`))
      : null,
  ];
}
