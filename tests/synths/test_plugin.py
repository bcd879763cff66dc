"""Debian's amsynth, a real plugin, in processes of its own."""

import io
import json
import os
import re
import threading
import zipfile

import numpy as np
import psutil
import pytest
import soundfile
import torch

from nebula import Corpus, Nebula, synths
from nebula.errors import ArgumentError, SynthError
from nebula.synths.plugin import PluginSynth
from nebula.tuning import StudySpec, Workers, tune

PATH = "/usr/lib/vst/amsynth_vst.so"
NAME = f"plugin:{PATH}"
SECONDS = 0.5


@pytest.fixture(scope="module")
def amsynth():
    return synths.get(NAME)


@pytest.fixture(scope="module")
def player(amsynth):
    return amsynth.player(duration_seconds=SECONDS)


def hosts():
    """Processes with a plugin in them that belong to this test run."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any(part.endswith("plugin_host.py") for part in process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def test_its_parameters_are_those_that_it_names_by_module_and_three_of_the_keyboard(amsynth):
    assert amsynth.panel.paths[:3] == ("keyboard.midi_f0", "keyboard.velocity", "keyboard.duration")
    assert len(amsynth.parameters) == 3 + 41
    assert amsynth.panel.columns["filter", "filter_cutoff"] > 0
    # What its manual calls saw, triangle, ... has five settings; the text that it gives for each is a number.
    waveform = amsynth.panel[amsynth.panel.columns["osc1", "osc1_waveform"]]
    assert waveform.choices == ("0", "1", "2", "3", "4")


def test_the_same_values_give_the_same_bits_whatever_was_played_before(amsynth, player):
    nebula = Nebula.uniform(NAME)
    assert amsynth.repeatable
    together = player.play([1, 2, 3, 4], nebula)
    assert float(together.abs().max()) > 0.01
    for seed in (4, 2):
        assert torch.equal(player.play([seed], nebula)[0], together[seed - 1])


def test_a_sound_that_kills_the_plugin_is_played_by_another_process(player):
    nebula = Nebula.uniform(NAME)
    expected = player.play([5, 6], nebula)
    for host in hosts():
        host.kill()
    assert torch.equal(player.play([5, 6], nebula), expected)


def test_a_study_has_all_its_trials_while_its_plugins_are_killed(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    for number in range(8):
        decay = np.exp(-np.arange(22050) / (1000 + 500 * number))
        soundfile.write(folder / f"{number}.wav", decay * np.sin(np.arange(22050) * 0.05 * (1 + number)), 44100)
    spec = StudySpec.parse(
        {
            "version": 1,
            "name": "killed",
            "synth": NAME,
            "objective": "match",
            "sounds_per_trial": 4,
            "search": {"phases": [{"sampler": "auto", "trials": 6}]},
            "finalists": {"count": 1, "repeats": 2},
        }
    )
    over = threading.Event()
    killed = 0

    def kill() -> None:
        nonlocal killed
        generator = np.random.default_rng(0)
        while not over.wait(float(generator.exponential(1.5))):
            running = hosts()
            if running:
                running[int(generator.integers(len(running)))].kill()
                killed += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        outcome = tune(spec, tmp_path / "out", target=Corpus.open(folder), workers=Workers(1))
    finally:
        over.set()
        killer.join()
    assert killed > 0
    assert len(outcome.entries) == 6
    made = json.loads((tmp_path / "out" / "nebula.provenance.json").read_text())
    assert made["synth"] == {"name": NAME, "repeatable": True}
    assert Nebula.load(tmp_path / "out" / "nebula.json").synth == NAME


def test_states_hold_the_settings_of_their_sounds(amsynth, player):
    nebula = Nebula.uniform(NAME)
    physical = player.physical(amsynth.sample([1, 2]), nebula)
    with zipfile.ZipFile(io.BytesIO(amsynth.presets(physical, ["one", "two"], "zip"))) as archive:
        assert archive.namelist() == ["one.state", "two.state"]
        states = [archive.read(name) for name in archive.namelist()]
    assert states[0] != states[1]
    # The form of a VST2 bank, as hosts load it.
    assert all(state.startswith(b"CcnK") and b"amsy" in state for state in states)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("plugin:/nowhere.so", "synth: 'plugin:/nowhere.so': there is no such file"),
        ("plugin:", "synth: got 'plugin:', expected plugin:PATH"),
        ("plugin:/etc/passwd", "synth: 'plugin:/etc/passwd': cannot be opened as a plugin (Unable to load plugin.)"),
    ],
)
def test_what_is_no_plugin_is_refused_in_one_line(name, message):
    with pytest.raises(SynthError, match=f"^{re.escape(message)}$"):
        PluginSynth(name)


def test_it_plays_on_the_cpu_without_gradients(amsynth, player):
    unit = amsynth.sample([1]).requires_grad_()
    message = f"physical: {NAME!r} plays on the CPU alone and gives no gradients"
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        player.render(unit, Nebula.uniform(NAME))


def end_first_openings(folder, count, monkeypatch):
    """Has the first processes with a plugin in them be killed before the plugin is open; returns the mark of each."""
    marks = [folder / f"killed {number}" for number in range(count)]
    (folder / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "hosts = any('plugin_host.py' in part for part in sys.orig_argv)\n"
        f"for mark in {[str(mark) for mark in marks]!r} if hosts else ():\n"
        "    try:\n"
        "        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))\n"
        "    except FileExistsError:\n"
        "        continue\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    return marks


def test_a_plugin_whose_process_is_killed_while_it_is_opened_is_opened_again(amsynth, tmp_path, monkeypatch):
    marks = end_first_openings(tmp_path, 3, monkeypatch)
    assert PluginSynth(NAME).panel == amsynth.panel
    assert all(mark.exists() for mark in marks)


def test_a_plugin_whose_processes_are_all_killed_while_it_is_opened_is_given_up_in_one_line(tmp_path, monkeypatch):
    marks = end_first_openings(tmp_path, 9, monkeypatch)
    with pytest.raises(
        SynthError, match=f"^{re.escape(f'synth: {NAME!r}: crashed 8 times over while it was opened')}$"
    ):
        PluginSynth(NAME)
    assert [mark.exists() for mark in marks] == [True] * 8 + [False]


def test_whether_sounds_repeat_and_their_states_are_told_though_processes_are_killed(tmp_path, monkeypatch):
    synth = PluginSynth(NAME)
    physical = synth.player(duration_seconds=SECONDS).physical(synth.sample([1, 2]), Nebula.uniform(NAME))
    expected = states_of(synth, physical)
    end_first_openings(tmp_path, 2, monkeypatch)
    for host in hosts():
        host.kill()
    assert synth.repeatable
    for host in hosts():
        host.kill()
    assert states_of(synth, physical) == expected


def states_of(synth, physical):
    with zipfile.ZipFile(io.BytesIO(synth.presets(physical, ["one", "two"], "zip"))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
