"""Matches: the preset of a synthesizer whose sound is nearest to a recording of a corpus.

A match is asked for here, found on the pool by the manager, one at a time, and kept as the sound's unit parameters: its
audio and its presets follow from them whenever they are wanted.

- `tables`, `queries`: those that wait, are worked on and are done
- `rendering`: their sounds and presets
- `schemas`, `endpoints`: `/v1/matches`
"""
