"""Synthesizers: what one is, which there are, and how they are played.

    unit parameters ──player (curves of a nebula)──> physical values ──synth──> audio

- `synth`: what a synth is; `renderer`: what makes its sounds
- `presets`: sounds as settings that can be read
- `registry`: finding one by name, those of other packages too
- `player`: a synth on a device, at a rate and for a duration
- `wiring`: synths of our own, made of `nebula.modules`, with a readable renderer; `fused_cpu` is their compiled one
- `plugin`: instruments that plugin hosts load, each in processes of its own, `plugin_host`
- `dx7`: Yamaha's DX7, by an engine that is optional; `dx7_bank` holds its voices
- `voice_fm`, `parametric`: SynthAX's architectures; `subtractive`: oscillators behind a filter; `percussion`: what is
  struck
- `voice`: torchsynth's Voice, made of `voice_modules`, and its player; on GPUs `choice` gives it `fused_cuda`, made of
  `cuda_kernels`
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.modules.timeline import Timeline
    from nebula.synths.player import Player, usable_device
    from nebula.synths.presets import read_settings, settings_synth
    from nebula.synths.registry import (
        ENTRY_POINTS,
        SynthFamily,
        allow_plugins,
        allowed_plugins,
        families,
        get,
        is_member,
        names,
    )
    from nebula.synths.renderer import Renderer
    from nebula.synths.synth import Synth
    from nebula.synths.voice import Voice
    from nebula.synths.wiring import Wiring
else:
    __getattr__ = names_from(
        __name__,
        {
            "ENTRY_POINTS": "nebula.synths.registry",
            "Player": "nebula.synths.player",
            "Renderer": "nebula.synths.renderer",
            "Synth": "nebula.synths.synth",
            "SynthFamily": "nebula.synths.registry",
            "Timeline": "nebula.modules.timeline",
            "Voice": "nebula.synths.voice",
            "Wiring": "nebula.synths.wiring",
            "allow_plugins": "nebula.synths.registry",
            "allowed_plugins": "nebula.synths.registry",
            "families": "nebula.synths.registry",
            "get": "nebula.synths.registry",
            "is_member": "nebula.synths.registry",
            "names": "nebula.synths.registry",
            "read_settings": "nebula.synths.presets",
            "settings_synth": "nebula.synths.presets",
            "usable_device": "nebula.synths.player",
        },
    )

__all__ = [
    "ENTRY_POINTS",
    "Player",
    "Renderer",
    "Synth",
    "SynthFamily",
    "Timeline",
    "Voice",
    "Wiring",
    "allow_plugins",
    "allowed_plugins",
    "families",
    "get",
    "is_member",
    "names",
    "read_settings",
    "settings_synth",
    "usable_device",
]
