"""Studies as the service keeps them: their states, trials and events. They are launched by `service.launch`.

- `states`: what a study can be, and every legal move between
- `moves`: moving a study from state to state
- `tables`: studies, their finished trials, and what happened when
- `queries`: what is asked of them in the database
- `scores`: all scores of one as one answer, written once for all who look
- `feed`: what happens to them, as it happens
- `results`: the files that a finished one has left
- `schemas`, `endpoints`: `/v1/studies`, once a study is there
"""
