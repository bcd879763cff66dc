/** One participant's visit: a session, what the server says of it, and what is said to the server. */

import { Outbox } from "./outbox.js";
import { ask } from "./server.js";
import { forget, recall, remember } from "./storage.js";

const RECRUITER_KEYS = ["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"];

export class Visit {
  #key;
  #asked;
  #outbox;

  /**
   * @param key Under which the browser remembers the session.
   * @param session Its token.
   * @param refused Called with the error when the server does not take something.
   * @param asked What the address asks the server for, such as a language, as a query.
   */
  constructor(key, session, refused, asked = "") {
    this.#key = key;
    this.#asked = asked;
    this.session = session;
    this.#outbox = new Outbox(`${session}:outbox`, refused);
  }

  /** Returns the visit that this browser is in the middle of, null if there is none. */
  static remembered(invite, query, refused) {
    const key = keyOf(invite, query);
    const session = recall(key);
    return session === null ? null : new Visit(key, session, refused, languageIn(query));
  }

  /** Returns a new visit. Throws `ServerError`. */
  static async begin(invite, query, refused) {
    const recruited = RECRUITER_KEYS.filter((name) => query.has(name)).map((name) => [name, query.get(name)]);
    const body = recruited.length > 0 ? { prolific: Object.fromEntries(recruited) } : {};
    const { session } = await ask("POST", `/v1/listen/${encodeURIComponent(invite)}/sessions`, body);
    const key = keyOf(invite, query);
    remember(key, session);
    return new Visit(key, session, refused, languageIn(query));
  }

  /** Returns where the participant is, when all that was said has arrived. Throws `ServerError`. */
  async look() {
    await this.#outbox.emptied();
    return ask("GET", this.#path() + this.#asked);
  }

  /** Says that a stage before the test is done. */
  finishStage(stage, answer = {}) {
    this.#outbox.put(this.#path("stage"), { stage, answer });
  }

  /** Saves all that was answered in a trial so far. */
  saveTrial(trial, answer) {
    this.#outbox.put(this.#path(`trials/${trial}`), answer);
  }

  /** Saves all that was answered in the questionnaire so far. */
  saveQuestionnaire(answers, finished) {
    this.#outbox.put(this.#path("questionnaire"), { answers, finished });
  }

  /** Has everything deleted that the participant said. Throws `ServerError`. */
  async withdraw() {
    await this.#outbox.emptied();
    await ask("POST", `${this.#path()}/withdrawal`, {});
    this.end();
  }

  /** Lets the next one at this browser begin anew. */
  end() {
    for (const key of [this.#key, `${this.session}:outbox`, `${this.session}:notes`]) forget(key);
  }

  /** What only this browser has to know of the visit. */
  get notes() {
    return recall(`${this.session}:notes`) ?? {};
  }

  set notes(notes) {
    remember(`${this.session}:notes`, notes);
  }

  #path(rest) {
    return `/v1/listen/sessions/${encodeURIComponent(this.session)}${rest ? `/${rest}` : ""}`;
  }
}

/** Returns the query for the language that a link asks for; the browser says itself which ones somebody reads. */
function languageIn(query) {
  return query.has("lang") ? `?lang=${encodeURIComponent(query.get("lang"))}` : "";
}

/** Two people who were recruited may share a browser. */
function keyOf(invite, query) {
  return `${invite}:${query.get("PROLIFIC_PID") ?? ""}`;
}
