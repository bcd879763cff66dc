"""Nebulae: those that ship, those that studies found, and those that people brought or shaped, by name.

- `tables`: nebulae that are kept in the database, and stars
- `queries`: what is asked of them
- `descriptions`: what those are that ship
- `shelf`: all nebulae by name, wherever they come from
- `sounds`: their sounds as FLAC, rendered when asked for
- `archive`: many of them in a zip
- `contrast`: how several of them differ
- `variation`: one near another, by chance
- `surroundings`: one around presets, or around a sound of another
- `schemas`, `endpoints`: the API
"""
