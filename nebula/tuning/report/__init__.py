"""The report of a finished study: one HTML page that shows and plays what was found, and needs no network.

- `page`: everything put together through the template `page.html`, whose parts are `page.css` and `page.js`
- `verdict`: whether the start nebula was beaten, in words, and the finalists in numbers
- `judging`: what judges make of the nebulae
- `sounds`: a few sounds of target, start and tuned nebula, to be played
- `figures`: the interactive figures, as Plotly's JSON
- `plane`: sounds in the plane that shows most of their differences
- `quantiles`: how each parameter's values are spread, as small drawings
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.tuning.report.page import report
else:
    __getattr__ = names_from(__name__, {"report": "nebula.tuning.report.page"})

__all__ = ["report"]
