/** What was said and has not reached the server yet: kept in the browser, and sent in order until it is there. */

import { ask, ServerError } from "./server.js";
import { recall, remember } from "./storage.js";

export class Outbox {
  #key;
  #entries;
  #sending = null;
  #run = null;
  #refused;

  /**
   * @param key Under which it is kept.
   * @param refused Called with the error when the server does not take something; it is not sent again.
   */
  constructor(key, refused) {
    this.#key = key;
    this.#refused = refused;
    this.#entries = recall(key) ?? [];
    this.#send();
  }

  /** Puts something at an address. It replaces what waits for the same address: the newest says all. */
  put(path, body) {
    const entry = { path, body: structuredClone(body) };
    const index = this.#entries.findIndex((other) => other.path === path && other !== this.#sending);
    if (index < 0) this.#entries.push(entry);
    else this.#entries[index] = entry;
    this.#keep();
    this.#send();
  }

  /** Resolves when all has reached the server. */
  async emptied() {
    while (this.#run) await this.#run;
  }

  #send() {
    this.#run ??= this.#sendAll().finally(() => {
      this.#run = null;
      if (this.#entries.length > 0) this.#send();
    });
  }

  async #sendAll() {
    while (this.#entries.length > 0) {
      this.#sending = this.#entries[0];
      try {
        await ask("PUT", this.#sending.path, this.#sending.body);
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        this.#refused(error);
      }
      this.#entries.shift();
      this.#sending = null;
      this.#keep();
    }
  }

  #keep() {
    remember(this.#key, this.#entries);
  }
}
