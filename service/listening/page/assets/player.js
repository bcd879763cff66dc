/**
 * Tracks that play together, of which one is heard.
 *
 * All tracks start at the same moment and run on the same clock, silent or not. To switch is to fade one in while the
 * other fades out, so the position is kept to the sample.
 *
 *     const player = new Player(() => context, new Map([["A", buffer], ["B", other]]), { repeat: true });
 *     player.addEventListener("change", () => console.log(player.playing, player.position));
 *     player.play("A");
 *     player.play("B");
 */

export const FADE_SECONDS = 0.005;
export const LEAST_REGION_SECONDS = 0.5;

// Between asking and hearing, so that a fade is never in the past when it is rendered.
const LEAD_SECONDS = 0.01;

export class Player extends EventTarget {
  #open;
  #tracks;
  #whole;
  #repeat;
  #region;
  #pass = null;
  #rest = 0;
  #playing = null;

  /**
   * @param open Returns an AudioContext, or an OfflineAudioContext; not called before something is played.
   * @param tracks Map of names to AudioBuffers; the longest says how long all of them play.
   * @param repeat Whether to begin again at the end.
   */
  constructor(open, tracks, { repeat = false } = {}) {
    super();
    this.#open = open;
    this.#whole = { begin: 0, end: Math.max(...[...tracks.values()].map((track) => track.duration)) };
    this.#tracks = padded(tracks);
    this.#region = { ...this.#whole, buffers: this.#tracks };
    this.#repeat = repeat;
  }

  /** Name of the track that is heard, null if none is. */
  get playing() {
    return this.#playing;
  }

  /** Seconds from the beginning of the tracks. */
  get position() {
    return this.#pass ? this.#region.begin + this.#pass.position : this.#rest;
  }

  /** Seconds that the tracks last. */
  get duration() {
    return this.#whole.end;
  }

  get repeat() {
    return this.#repeat;
  }

  set repeat(repeat) {
    this.#repeat = repeat;
    if (this.#pass) this.#start(this.position);
  }

  /** The part that is played, as seconds. */
  get region() {
    return { begin: this.#region.begin, end: this.#region.end };
  }

  /** Plays only a part: at least half a second, or all if there is less. */
  set region({ begin, end }) {
    const least = Math.min(LEAST_REGION_SECONDS, this.duration);
    const from = Math.min(Math.max(begin, 0), this.duration - least);
    const to = Math.min(Math.max(end, from + least), this.duration);
    const position = this.position;
    const isWhole = from === 0 && to === this.duration;
    this.#region = { begin: from, end: to, buffers: isWhole ? this.#tracks : cut(this.#tracks, from, to) };
    if (this.#pass) this.#start(position);
  }

  /** Lets a track be heard, from where another is or the last one was paused. */
  play(name) {
    this.#playing = name;
    if (this.#pass) this.#pass.switchTo(name);
    else this.#start(this.#rest);
    this.#changed();
  }

  /** Stops, and keeps the position. */
  pause() {
    if (!this.#pass) return;
    this.#rest = this.position;
    this.#pass.stop();
    this.#pass = null;
    this.#playing = null;
    this.#changed();
  }

  /** Goes to a position, in seconds. */
  seek(seconds) {
    this.#rest = seconds;
    if (this.#pass) this.#start(seconds);
  }

  #start(position) {
    const { begin, end, buffers } = this.#region;
    const offset = position >= begin && position < end ? position - begin : 0;
    this.#pass?.stop();
    const pass = new Pass(this.#open(), buffers, offset, this.#repeat);
    pass.switchTo(this.#playing);
    pass.ended = () => {
      if (this.#pass !== pass) return;
      this.#pass = null;
      this.#playing = null;
      this.#rest = this.#region.begin;
      this.#changed();
    };
    this.#pass = pass;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** All tracks from one start to one stop. */
class Pass {
  #context;
  #channels;
  #offset;
  #at;
  #repeat;
  #length;

  constructor(context, buffers, offset, repeat) {
    this.ended = () => {};
    this.#context = context;
    this.#offset = offset;
    this.#at = this.#soon;
    this.#repeat = repeat;
    this.#channels = new Map(
      [...buffers].map(([name, buffer]) => [name, new Channel(context, buffer, offset, this.#at, repeat)]),
    );
    this.#length = buffers.values().next().value.duration;
    this.#channels.values().next().value.source.addEventListener("ended", () => this.ended());
  }

  get position() {
    const position = this.#offset + Math.max(0, this.#context.currentTime - this.#at);
    return this.#repeat ? position % this.#length : Math.min(position, this.#length);
  }

  switchTo(name) {
    const at = this.#soon;
    for (const [other, channel] of this.#channels) channel.fade(other === name ? 1 : 0, at);
  }

  stop() {
    const at = this.#soon;
    for (const channel of this.#channels.values()) {
      channel.fade(0, at);
      channel.source.stop(at + FADE_SECONDS);
    }
  }

  get #soon() {
    return this.#context.currentTime + LEAD_SECONDS;
  }
}

/** One track with its own level. */
class Channel {
  #gain;
  #from = 0;
  #to = 0;
  #at = 0;

  constructor(context, buffer, offset, at, repeat) {
    this.#gain = new GainNode(context, { gain: 0 });
    this.source = new AudioBufferSourceNode(context, { buffer, loop: repeat });
    this.source.connect(this.#gain).connect(context.destination);
    this.source.addEventListener("ended", () => this.#gain.disconnect());
    this.source.start(at, offset);
  }

  fade(level, at) {
    // Computed, not read: what a level is in the middle of a fade is not the same in all browsers.
    const done = Math.min(1, Math.max(0, (at - this.#at) / FADE_SECONDS));
    this.#from += done * (this.#to - this.#from);
    this.#to = level;
    this.#at = at;
    this.#gain.gain.cancelScheduledValues(at);
    this.#gain.gain.setValueAtTime(this.#from, at);
    this.#gain.gain.linearRampToValueAtTime(level, at + FADE_SECONDS);
  }
}

/** Returns the tracks with silence behind the shorter ones, so that all end together. */
function padded(tracks) {
  const length = Math.max(...[...tracks.values()].map((track) => track.length));
  return new Map([...tracks].map(([name, track]) => [name, track.length === length ? track : part(track, 0, length)]));
}

/** Returns a part of each track, faded at both ends: a sound that is cut would click at every repetition. */
function cut(tracks, begin, end) {
  return new Map(
    [...tracks].map(([name, track]) => {
      const rate = track.sampleRate;
      const piece = part(track, Math.round(begin * rate), Math.round(end * rate));
      const fade = Math.round(FADE_SECONDS * rate);
      for (let channel = 0; channel < piece.numberOfChannels; channel += 1) {
        const samples = piece.getChannelData(channel);
        for (let index = 0; index < Math.min(fade, samples.length); index += 1) {
          samples[index] *= index / fade;
          samples[samples.length - 1 - index] *= index / fade;
        }
      }
      return [name, piece];
    }),
  );
}

function part(track, from, to) {
  const piece = new AudioBuffer({
    numberOfChannels: track.numberOfChannels,
    length: to - from,
    sampleRate: track.sampleRate,
  });
  for (let channel = 0; channel < track.numberOfChannels; channel += 1) {
    piece.copyToChannel(track.getChannelData(channel).subarray(from, to), channel);
  }
  return piece;
}
