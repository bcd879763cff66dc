/** Noises that the page makes itself: for the headphone check, and to set the volume. */

export const RATE_HZ = 44100;

const HUGGINS_SECONDS = 1;
const HUGGINS_BAND_HZ = [564, 636];
const RAMP_SECONDS = 0.03;
const HUGGINS_LEVEL = 0.08;

const PINK_SECONDS = 6;
const PINK_ROWS = 12;

// Near the loudness of the sounds of a test.
const PINK_LEVEL = 0.07;

/**
 * Returns a second of noise for both ears. With `hasTone`, it is turned over in the right one between 564 and 636 Hz:
 * who listens through headphones hears a faint tone there (Huggins pitch), and loudspeakers mix it away.
 *
 * A. Milne et al., "An online headphone screening test based on dichotic pitch", Behavior Research Methods 53 (2021).
 */
export function hugginsNoise(hasTone) {
  const left = Float32Array.from({ length: RATE_HZ * HUGGINS_SECONDS }, gaussian);
  const right = left.slice();
  if (hasTone) {
    const band = bandOf(left, ...HUGGINS_BAND_HZ);
    for (let index = 0; index < right.length; index += 1) right[index] -= 2 * band[index];
  }
  const ramp = RAMP_SECONDS * RATE_HZ;
  for (const channel of [left, right]) {
    for (let index = 0; index < channel.length; index += 1) {
      const edge = Math.min(1, index / ramp, (channel.length - 1 - index) / ramp);
      channel[index] *= HUGGINS_LEVEL * Math.sin((Math.PI / 2) * edge) ** 2;
    }
  }
  return buffer([left, right]);
}

/** Returns a few seconds of pink noise, the same in both ears (the algorithm of Voss and McCartney). */
export function pinkNoise() {
  const rows = Array.from({ length: PINK_ROWS }, gaussian);
  const samples = new Float32Array(RATE_HZ * PINK_SECONDS);
  for (let index = 0; index < samples.length; index += 1) {
    // Row k changes every 2 ** (k + 1) samples.
    rows[Math.min(PINK_ROWS - 1, 31 - Math.clz32((index + 1) & -(index + 1)))] = gaussian();
    samples[index] = (PINK_LEVEL * rows.reduce((sum, row) => sum + row, gaussian())) / Math.sqrt(PINK_ROWS + 1);
  }
  return buffer([samples]);
}

/** Returns the part of a signal between two frequencies, ends included, of a whole number of periods each. */
function bandOf(signal, lowest, highest) {
  const band = new Float64Array(signal.length);
  for (let frequency = lowest; frequency <= highest; frequency += 1) {
    const turn = (2 * Math.PI * frequency) / RATE_HZ;
    let [real, imaginary] = [0, 0];
    for (let index = 0; index < signal.length; index += 1) {
      real += signal[index] * Math.cos(turn * index);
      imaginary += signal[index] * Math.sin(turn * index);
    }
    for (let index = 0; index < signal.length; index += 1) {
      band[index] += (2 / signal.length) * (real * Math.cos(turn * index) + imaginary * Math.sin(turn * index));
    }
  }
  return band;
}

function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function buffer(channels) {
  const sound = new AudioBuffer({
    numberOfChannels: channels.length,
    length: channels[0].length,
    sampleRate: RATE_HZ,
  });
  for (const [index, samples] of channels.entries()) sound.copyToChannel(samples, index);
  return sound;
}
