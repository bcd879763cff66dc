"""A study of twenty trials that can be posted; it asks for nothing but what is shipped."""

SPEC = {
    "version": 1,
    "name": "drums",
    "objective": "match",
    "target": "drum",
    "sounds_per_trial": 4,
    "search": {"phases": [{"sampler": "random", "trials": 20}]},
}
