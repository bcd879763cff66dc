"""What reaches the ears when somebody switches on the real page: recorded behind the page's back, and located."""

import io
from functools import partial
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Route, expect
from scipy.signal import correlate

pytestmark = pytest.mark.slow

RATE = 44100

RECORDER = """registerProcessor("recorder", class extends AudioWorkletProcessor {
  process([[samples]]) {
    if (samples) this.port.postMessage(samples.slice());
    return true;
  }
});"""

# Whatever is connected to the ears is connected to the recorder too.
TAP = (
    f'const RECORDER = "data:text/javascript,{quote(RECORDER)}";'
    + """
  const connect = AudioNode.prototype.connect;
  const taps = new Map();
  window.recorded = [];
  const tap = (context) => {
    if (!taps.has(context)) {
      const bus = new GainNode(context);
      taps.set(context, bus);
      context.audioWorklet.addModule(RECORDER).then(() => {
        const recorder = new AudioWorkletNode(context, "recorder");
        recorder.port.onmessage = ({ data }) => window.recorded.push(data);
        connect.call(bus, recorder);
        connect.call(recorder, context.destination);
      });
    }
    return taps.get(context);
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && target.context instanceof AudioContext) {
      connect.call(this, tap(target.context));
    }
    return connect.call(this, target, ...rest);
  };
"""
)


def place(excerpt, sound):
    """Returns where in a sound an excerpt is, in samples, and how sure that is: 1 is certain."""
    likeness = correlate(sound, excerpt, mode="valid", method="fft")
    found = int(np.argmax(np.abs(likeness)))
    there = sound[found : found + len(excerpt)]
    return found, abs(likeness[found]) / (np.linalg.norm(there) * np.linalg.norm(excerpt))


def test_the_position_is_kept_when_somebody_switches(visit):
    generator = np.random.default_rng(0)
    noises = {slot: generator.uniform(-0.3, 0.3, 10 * RATE).astype(np.float32) for slot in "AB"}
    # The page itself may not load a recorder from anywhere but the server.
    page, person = visit("preference", url="/assets/listening/texts.en.json", bypass_csp=True)
    slots = person.look()["trial"]["slots"]
    for slot in slots:
        file = io.BytesIO()
        soundfile.write(file, noises[slot["slot"]], RATE, "PCM_16", format="WAV")
        for address in slot["audio"]:
            page.route(f"**{address}", partial(Route.fulfill, body=file.getvalue()))
    page.add_init_script(TAP)
    page.goto(visit.address("preference"))
    for slot in "ABAB":
        page.get_by_role("button", name=f"Play {slot}").click()
        expect(page.locator(".now")).to_have_text(f"Playing {slot}")
        # Until half a second of it is recorded, however slow this machine is.
        page.wait_for_function(
            "([count, more]) => window.recorded.length - count > more",
            arg=[page.evaluate("window.recorded.length"), RATE // 2 // 128],
        )
    page.get_by_role("button", name="Pause").click()
    recording = np.array(page.evaluate("window.recorded.flatMap((part) => [...part])"))
    length = RATE // 10
    heard = []
    for begin in range(0, len(recording) - length, length):
        excerpt = recording[begin : begin + length]
        for slot, sound in noises.items():
            found, certainty = place(excerpt, sound)
            if certainty > 0.999:
                heard.append((slot, found - begin))
    assert "".join(slot for index, (slot, _) in enumerate(heard) if index == 0 or heard[index - 1][0] != slot) == "ABAB"
    # The same everywhere: nothing is skipped or heard again, by a sample even.
    assert {offset for _, offset in heard} == {heard[0][1]}
