"""Audio to vectors: what "distance between two sounds" means. It is the l1 distance of their vectors.

- `base`: what turns audio into vectors, `Embedder`; the contract of a `Distance`; the settings that all of them share
- `level`: alignment of loudness, which no distance hears
- `mel`: mel scales and triangular bands
- `log_mel`: `LogMel`, log magnitudes in mel bands, time-aligned
- `multi_scale_spectrogram`: `MultiScaleSpectrogram`, linear and log spectra at window lengths from 4096 to 64
- `doppelganger`: `Doppelganger`, a small network of our own, trained on nothing but sounds of the Voice
- `resnet`: `ResNet`, the encoder of the doppelgänger recipe, trained or with random weights
- `openl3`: `OpenL3`, the embeddings of a network trained on video with sound
- `hear`: `Hear`, any installed embedding with the interface of the HEAR 2021 challenge
- `registry`: distances by name
- `resampling`: change of sample rate on any device
- `weights`: trained weights that are published elsewhere, fetched and verified

`get` gives a distance with its default settings by name; one with other settings is made from its class:

    >>> import torch
    >>> from nebula.distances import LogMel, LogMelSettings, get
    >>> get("log-mel").embed(torch.zeros(1, 176400), 44100).shape
    torch.Size([1, 6464])
    >>> LogMel(LogMelSettings(duration_seconds=1)).embed(torch.zeros(1, 44100), 44100).shape
    torch.Size([1, 1664])

Names:

    log-mel, multi-scale-spectrogram, doppelganger
    openl3                              music, mel256, 512 numbers a window, time-aligned, front end 0.4.2: the paper's
    openl3:env-mel128-6144              behind the colon what differs, in any order: music env, mel256 mel128 linear,
                                        512 6144, 0.4.2 0.3.1, float32 bfloat16 float16, pooled
    resnet:FILE                         a ResNet18 with the weights that `nebula train-embedding SPEC` left
    resnet:random, resnet:random-SEED   the same, having learned nothing
    hear:MODULE[:WEIGHTS]               any HEAR module, one vector for a sound; with options of its load_model as
                                        in hear:MODULE?size=large&fast=true
    hear-timestamps:MODULE[:WEIGHTS]    the same, time-aligned
    NAME, NAME:REST                     whatever an installed package registers in the entry-point group
                                        `nebula.distances`, called without arguments or with REST
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.distances.base import Distance, Embedder, Settings
    from nebula.distances.doppelganger import Doppelganger, DoppelgangerSettings
    from nebula.distances.hear import Hear, HearSettings
    from nebula.distances.log_mel import LogMel, LogMelSettings
    from nebula.distances.multi_scale_spectrogram import MultiScaleSpectrogram, MultiScaleSpectrogramSettings
    from nebula.distances.openl3 import OpenL3, OpenL3Settings
    from nebula.distances.registry import REGISTRY, get, names, quick_names
    from nebula.distances.resnet import ResNet, ResNetSettings
else:
    __getattr__ = names_from(
        __name__,
        {
            "REGISTRY": "nebula.distances.registry",
            "Distance": "nebula.distances.base",
            "Doppelganger": "nebula.distances.doppelganger",
            "DoppelgangerSettings": "nebula.distances.doppelganger",
            "Embedder": "nebula.distances.base",
            "Hear": "nebula.distances.hear",
            "HearSettings": "nebula.distances.hear",
            "LogMel": "nebula.distances.log_mel",
            "LogMelSettings": "nebula.distances.log_mel",
            "MultiScaleSpectrogram": "nebula.distances.multi_scale_spectrogram",
            "MultiScaleSpectrogramSettings": "nebula.distances.multi_scale_spectrogram",
            "OpenL3": "nebula.distances.openl3",
            "OpenL3Settings": "nebula.distances.openl3",
            "ResNet": "nebula.distances.resnet",
            "ResNetSettings": "nebula.distances.resnet",
            "Settings": "nebula.distances.base",
            "get": "nebula.distances.registry",
            "names": "nebula.distances.registry",
            "quick_names": "nebula.distances.registry",
        },
    )

__all__ = [
    "REGISTRY",
    "Distance",
    "Doppelganger",
    "DoppelgangerSettings",
    "Embedder",
    "Hear",
    "HearSettings",
    "LogMel",
    "LogMelSettings",
    "MultiScaleSpectrogram",
    "MultiScaleSpectrogramSettings",
    "OpenL3",
    "OpenL3Settings",
    "ResNet",
    "ResNetSettings",
    "Settings",
    "get",
    "names",
    "quick_names",
]
