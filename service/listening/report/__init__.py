"""The report of an unblinded test: one page that needs no other.

- `tracks`: preferences, strengths, ratings, differences and positions, each on its scale
- `audience`: what participants listened with and said of themselves
- `verdict`: what it comes to
- `page`: all of it with screening, methods paragraph and commitment in one HTML file, without a script
"""

from service.listening.report.audience import Visitor
from service.listening.report.page import report

__all__ = ["Visitor", "report"]
