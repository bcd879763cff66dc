"""What a study has found so far, and what to hold it against, while it runs and afterwards.

- `queries`: the best so far, finalists and importance, from what the manager has told
- `verdict`: what a finished study has come to, in two sentences, and what to try next
- `yardsticks`: what nebulae that everybody knows would score in the same study
- `schemas`, `endpoints`: `/v1/studies/{id}/findings`, `/yardsticks`, `/best/sounds`
"""
