/** The sounds of a trial: fetched, decoded, and each slot's playlist put on one timeline. */

import { download } from "./server.js";

// Between the sounds of a playlist.
const GAP_SECONDS = 0.3;

const CONNECTIONS = 4;

// Where a WAV file that holds `fmt ` and `data` only says its rate.
const WAV_RATE_BYTE = 24;

/**
 * Returns the tracks of a trial.
 *
 * @param playlists Addresses of each track's sounds, by name.
 * @returns `rate` in Hz; `channels`, the most that a sound has; `tracks`, a Map of names to AudioBuffers; `starts`, in seconds, of the sounds in every track.
 */
export async function loadSounds(playlists) {
  const names = Object.keys(playlists);
  const files = await inTurn(names.flatMap((name) => playlists[name]), download);
  const rate = new DataView(files[0]).getUint32(WAV_RATE_BYTE, true);
  // Decodes at the sounds' own rate, and without waiting for a gesture.
  const decoder = new OfflineAudioContext(1, 1, rate);
  const decoded = await Promise.all(files.map((file) => decoder.decodeAudioData(file)));
  const sounds = names.map((name) => decoded.splice(0, playlists[name].length));
  const lengths = sounds[0].map((_, place) => Math.max(...sounds.map((playlist) => playlist[place].length)));
  const gap = Math.round(GAP_SECONDS * rate);
  const starts = lengths.map((_, place) => lengths.slice(0, place).reduce((sum, length) => sum + length + gap, 0));
  const total = starts.at(-1) + lengths.at(-1);
  const tracks = new Map(names.map((name, index) => [name, joined(sounds[index], starts, total, rate)]));
  const channels = Math.max(...[...tracks.values()].map((track) => track.numberOfChannels));
  return { rate, channels, tracks, starts: starts.map((start) => start / rate) };
}

function joined(playlist, starts, length, sampleRate) {
  const numberOfChannels = Math.max(...playlist.map((sound) => sound.numberOfChannels));
  const track = new AudioBuffer({ numberOfChannels, length, sampleRate });
  for (const [place, sound] of playlist.entries()) {
    for (let channel = 0; channel < numberOfChannels; channel += 1) {
      track.copyToChannel(sound.getChannelData(Math.min(channel, sound.numberOfChannels - 1)), channel, starts[place]);
    }
  }
  return track;
}

/** Returns what is done to each item, a few at a time. */
async function inTurn(items, act) {
  const results = [];
  const waiting = [...items.entries()];
  async function work() {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await act(next[1]);
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return results;
}
