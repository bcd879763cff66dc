"""Studies as the service keeps them: their states, trials and events.

- `states`: what a study can be, and every legal move between
- `tables`: studies, their finished trials, and what happened when
"""
