/** What a participant has heard and said in one trial. */

export const REFERENCE = "reference";

export class Answer {
  #choosing;
  #highest;
  #ordering;
  #edit;
  #seconds;
  #since = null;

  /**
   * @param trial As the server gives it.
   * @param heard Sounds that were heard before a reload, as `heard` of this object; null if nobody knows.
   */
  constructor(trial, heard) {
    const saved = trial.saved ?? {};
    this.#choosing = trial.choices.length > 0;
    this.#highest = trial.one_is_reference ? trial.scale.maximum : null;
    this.#ordering = trial.method === "ranking";
    this.#edit = saved.edit ?? 0;
    this.#seconds = saved.seconds ?? 0;
    this.slots = trial.slots.map(({ slot }) => slot);
    this.playlists = {
      ...(trial.reference && { [REFERENCE]: trial.reference }),
      ...Object.fromEntries(trial.slots.map(({ slot, audio }) => [slot, audio])),
    };
    this.ratings = { ...saved.ratings };
    this.choice = saved.choice ?? null;
    this.tags = new Set(saved.tags);
    this.plays = { ...saved.plays };
    this.heard = heard ?? Object.fromEntries(Object.keys(this.plays).map((name) => [name, this.#places(name)]));
  }

  /** Counts that something is played. */
  play(name) {
    this.plays[name] = (this.plays[name] ?? 0) + 1;
  }

  /** Notes that a sound of a playlist is heard; returns whether that is news. */
  hear(name, place) {
    const places = (this.heard[name] ??= []);
    if (places.includes(place)) return false;
    places.push(place);
    return true;
  }

  /** Counts the seconds from now on, or no longer. */
  set attending(attending) {
    const now = performance.now();
    if (this.#since !== null) this.#seconds += (now - this.#since) / 1000;
    this.#since = attending ? now : null;
  }

  /** What was not heard yet: names, each with the places of its playlist. */
  get unheard() {
    return Object.keys(this.playlists)
      .map((name) => ({ name, places: this.#places(name).filter((place) => !this.heard[name]?.includes(place)) }))
      .filter(({ places }) => places.length > 0);
  }

  /** Slots that have no rating yet. */
  get unrated() {
    return this.#choosing ? [] : this.slots.filter((slot) => !(slot in this.ratings));
  }

  /** Slots that have the same place as another one, where all are put in order. */
  get tied() {
    if (!this.#ordering) return [];
    const places = Object.values(this.ratings);
    return this.slots.filter((slot) => places.filter((place) => place === this.ratings[slot]).length > 1);
  }

  /** The rating that one slot has to get and none has; null if there is no such. */
  get unreached() {
    return Object.values(this.ratings).includes(this.#highest) ? null : this.#highest;
  }

  /** Whether a choice is still to be made. */
  get isUndecided() {
    return this.#choosing && this.choice === null;
  }

  get isComplete() {
    const isRated = this.unrated.length === 0 && this.tied.length === 0 && this.unreached === null;
    return this.unheard.length === 0 && isRated && !this.isUndecided;
  }

  /** Returns what the server is to save. Each time it is newer than before. */
  next(finished) {
    this.#edit += 1;
    const waited = this.#since === null ? 0 : (performance.now() - this.#since) / 1000;
    return {
      edit: this.#edit,
      ...(this.#choosing ? { choice: this.choice } : { ratings: this.ratings }),
      tags: [...this.tags],
      plays: this.plays,
      seconds: Math.round(10 * (this.#seconds + waited)) / 10,
      finished,
    };
  }

  #places(name) {
    return this.playlists[name].map((_, place) => place);
  }
}
