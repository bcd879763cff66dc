"""Nebulae: those that ship, those that studies found, and those that people brought or shaped, by name.

- `tables`: nebulae that are kept in the database
- `queries`: what is asked of them
- `shelf`: all nebulae by name, wherever they come from
- `sounds`: their sounds as FLAC, rendered when asked for
- `contrast`: how two of them differ
- `schemas`, `endpoints`: the API
"""
