"""What a study has found so far, and what to hold it against, while it runs and afterwards.

- `queries`: the best so far, finalists and importance, from what the manager has told
- `verdict`: what a finished study has come to, in two sentences, and what to try next
- `candidates`: single trials and finalists, to be heard
- `yardsticks`: what nebulae that everybody knows would score in the same study
- `removal`: deleting a study with all that it has left
- `schemas`, `endpoints`: `/v1/studies/{id}/findings`, `/yardsticks`, and sounds of the best, of trials and finalists
"""
