"""The report of an unblinded test: one page that needs no other.

- `figures`: rating distributions, preferences, strengths, position bias, as plotly draws them
- `page`: the figures, the screening table and the methods paragraph in one HTML file
"""

from service.listening.report.page import report

__all__ = ["report"]
