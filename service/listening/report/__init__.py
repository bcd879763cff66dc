"""The report of an unblinded test: one page that needs no other.

- `tracks`: preferences, strengths, ratings, differences and positions, each on its scale
- `audience`: what participants listened with and said of themselves
- `verdict`: what it comes to
- `heard`: some of the sounds that were judged
- `page`: all of it with screening, methods paragraph and commitment in one HTML file
"""

from service.listening.report.audience import Visitor
from service.listening.report.heard import Heard, heard
from service.listening.report.page import report

__all__ = ["Heard", "Visitor", "heard", "report"]
