"""Maps: sounds in the plane that shows most of their differences, each with where it can be heard.

- `layers`: which sounds a map of a corpus or a study shows
- `drawing`: their places on two principal components, computed once and kept
- `schemas`, `endpoints`: the API
"""
