"""Corpora: sounds that people have uploaded, kept as they came, and what is known about each.

    upload ──streams──> store ──names──> inspection ──each sound──> decoder ──> decoding (a process that may die)
                          └── HOME/corpora/ID/                         └── rows, previews

- `tables`: corpora and their sounds
- `uploads`: the files of one multipart request, written to disk as they arrive
- `store`: folders that are there whole or not at all
- `decoding`, `decoder`: reading what strangers sent in a process of its own, and asking that process
- `inspection`: finds out, one by one, which sounds can be used
- `targets`: uploaded corpora as targets of studies
- `elsewhere`: who names corpora beside studies
- `queries`: what is asked of the corpora in the database
- `schemas`, `endpoints`: the API
"""
