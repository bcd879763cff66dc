"""Launching a study: what it reads is found, what it asks for is checked, and it is queued.

- `inputs`: what a study reads, found by name among corpora and nebulae
- `queueing`: the limits of a study, and its place in the queue
- `endpoints`: `POST /v1/studies`
"""
