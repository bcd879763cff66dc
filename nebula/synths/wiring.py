"""Synths of our own: a wiring lists modules, and panel, readable renderer and fused renderer follow from it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from nebula.draws import Panel
from nebula.errors import ArgumentError
from nebula.modules.mixer import Mixer
from nebula.modules.module import SOUND, Assembly, Module, Scene, peak_limited
from nebula.modules.timeline import Timeline
from nebula.synths.renderer import Renderer, check_audio_dtype
from nebula.synths.synth import Synth
from nebula.tensors import Float, Int, Tensor, torch

# Control signals are small: a block of this many sounds costs few calls and still fits in a core's cache.
_CONTROL_BLOCK_SOUNDS = 32

# Audio signals are large: one sound at a time stays in cache on a CPU, which is six times as fast as a whole batch. A
# GPU wants many sounds at once, bounded by memory: some 40 signals of 700 kB each are alive per 4 s sound.
_AUDIO_BLOCK_SOUNDS = {"cpu": 1, "cuda": 128}


class Wiring(Synth):
    """A synth made of modules.

    Args:
        name: What specs, nebulae and commands call it.
        description: What it is, in one sentence.
        modules: In the order of the panel; the last makes the sound. Each says which signals it takes, and the order in
            which signals are worked out follows from that.
        default: Name of the shipped nebula that its designers meant by its random sounds.

    Raises:
        ArgumentError: A signal has two makers or none, a module reads a keyboard that is not there, or signals depend
            on themselves.
    """

    def __init__(self, name: str, description: str, modules: Sequence[Module], *, default: str | None = None) -> None:
        self.name, self.description, self.modules, self.default = name, description, tuple(modules), default
        self.panel = Panel(tuple(parameter for module in modules for parameter in module.parameters))
        self._order = _order(name, self.modules)

    def render(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1], by the fastest renderer for these parameters; see `Synth.render`."""
        return self.renderer(physical)(physical, noise_rows, timeline, dtype)

    def renderer(self, physical: Float[Tensor, "batch parameter"]) -> Renderer:
        """Returns the fastest renderer for these parameters.

        Gradients, other precisions than float32 and other devices are the reference renderer's.

        Args:
            physical: What is to be rendered.
        """
        if physical.dtype != torch.float32 or (physical.requires_grad and torch.is_grad_enabled()):
            return self.reference
        return self.fused if physical.device.type == "cpu" else self.reference

    def fused(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1]: the compiled renderer, see `nebula.synths.fused_cpu.render`."""
        # Imported here, because loading compiled code takes a second that other commands need not spend.
        from nebula.synths import fused_cpu

        return fused_cpu.render(self.assembly, physical, noise_rows, timeline, dtype)

    def reference(
        self,
        physical: Float[Tensor, "batch parameter"],
        noise_rows: Int[Tensor, " batch"],
        timeline: Timeline,
        dtype: torch.dtype | None = None,
    ) -> Float[Tensor, "batch time"]:
        """Returns audio in [-1, 1]: the readable renderer, in plain torch operations, that others are measured against.

        float32 parameters of the Voice give torchsynth's sounds; float64 parameters give the exact ones. Differentiable
        with respect to `physical`.

        Args:
            physical: Physical parameter values, columns in the order of the panel.
            noise_rows: Which of the 32 noises each sound gets, in [0, 32).
            timeline: Rates and length.
            dtype: Of the audio; that of `physical` if None.

        Raises:
            ArgumentError: Audio cannot be of that dtype.
        """
        wanted = check_audio_dtype(dtype or physical.dtype)
        if len(physical) == 0:
            return physical.new_zeros((0, timeline.samples), dtype=wanted)
        audio_block = _AUDIO_BLOCK_SOUNDS.get(physical.device.type, _CONTROL_BLOCK_SOUNDS)
        control_block = max(audio_block, _CONTROL_BLOCK_SOUNDS)
        sounds: list[Tensor] = []
        for controls in Scene(self.panel, physical, noise_rows, timeline).split(control_block):
            self.evaluate(controls, "control")
            for scene in controls.split(audio_block):
                self.evaluate(scene, "audio")
                sounds.append(peak_limited(scene.signals[self.modules[-1].outputs[0]]).to(wanted))
        return torch.cat(sounds)

    def control_signals(
        self, physical: Float[Tensor, "batch parameter"], timeline: Timeline, names: Sequence[str]
    ) -> Float[Tensor, "batch signal control_time"]:
        """Returns signals at control rate, by name, as the readable renderer works them out.

        Args:
            physical: Physical parameter values, columns in the order of the panel.
            timeline: Rates and length.
            names: Which signals.
        """
        scene = Scene(self.panel, physical, torch.zeros(len(physical), dtype=torch.int64), timeline)
        self.evaluate(scene, "control")
        return torch.stack([scene.signals[name] for name in names], dim=1)

    def evaluate(self, scene: Scene, rate: str) -> None:
        """Works out the signals of one rate, `control` before `audio`, which then are among those of the scene."""
        for module in self._order:
            if module.rate == rate:
                scene.signals.update(zip(module.outputs, module.evaluate(scene), strict=True))

    @cached_property
    def assembly(self) -> Assembly:
        """The steps of the fused renderer."""
        signals: dict[str, int] = {}
        buffers: dict[str, int] = {}
        takers: dict[str, list[Module]] = {}
        for module in self.modules:
            for name in module.inputs:
                takers.setdefault(name, []).append(module)
        sound = self.modules[-1]
        # What goes into one mixer and nowhere else is added to its mix as it is made, and takes no buffer.
        mixers = {name: takers[name][0] for name in takers if len(takers[name]) == 1}
        # But another mix, which is whole only once all its sources are.
        whole = {module.name for module in self.modules if isinstance(module, Mixer)}
        inlets = {name: mixer for name, mixer in mixers.items() if isinstance(mixer, Mixer) and name not in whole}
        free = SOUND + 1
        for module in self._order:
            for name in module.outputs:
                if module.rate == "control":
                    signals[name] = len(signals)
                elif name not in inlets:
                    buffers[name], free = (SOUND, free) if module is sound else (free, free + 1)
        columns = {name: self.panel.columns[mixer.name, name] for name, mixer in inlets.items()}
        mixed = {name: (buffers[mixer.name], columns[name]) for name, mixer in inlets.items()}
        assembly = Assembly(self.panel, signals, buffers, mixed)
        for module in self._order:
            module.assemble(assembly)
        return assembly


def _order(name: str, modules: Sequence[Module]) -> tuple[Module, ...]:
    """The modules, each behind those whose signals it takes."""
    makers: dict[str, Module] = {}
    for module in modules:
        for signal in module.outputs:
            if signal in makers:
                raise ArgumentError(f"{name}: got two modules that make {signal!r}, expected one")
            makers[signal] = module
    names = {module.name for module in modules}
    needs: TopologicalSorter[int] = TopologicalSorter()
    numbers = {id(module): number for number, module in enumerate(modules)}
    for module in modules:
        for signal in module.inputs:
            if signal not in makers:
                raise ArgumentError(f"{name}: {module.name} takes {signal!r}, which no module makes")
        for key in module.keys:
            if key not in names:
                raise ArgumentError(f"{name}: {module.name} reads {key!r}, which is no module of the synth")
        needs.add(numbers[id(module)], *(numbers[id(makers[signal])] for signal in module.inputs))
    for mixer in modules:
        if isinstance(mixer, Mixer):
            # What only goes into the mix is added to it in this order: the second source first, for the reason that
            # `nebula.modules.loops.matrix` gives, then the first and the rest.
            alone = [source for source in mixer.sources if sum(source in taker.inputs for taker in modules) == 1]
            turns = [numbers[id(makers[source])] for source in (*alone[1:2], *alone[:1], *alone[2:])]
            for before, after in itertools.pairwise(turns):
                needs.add(after, before)
    try:
        order = tuple(needs.static_order())
    except CycleError as error:
        raise ArgumentError(f"{name}: signals depend on themselves") from error
    return tuple(modules[number] for number in order)
