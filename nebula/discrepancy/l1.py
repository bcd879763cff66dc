"""Maximum mean discrepancy and diversity under the l1 distance, exactly, by sorting.

The l1 distance is a sum over dimensions, and in one dimension sums over pairs need no pairs: for ascending
s_0 ... s_{k-1}, sum_{i<j} |s_i - s_j| = sum_j (2j - k + 1) s_j =: W(s). The weights add up to zero, so any centre may
be taken off first, which keeps the float64 sums from cancelling. Two routes lead to the sum between sets:

- *pooling*: W(x and y together) - W(x) - W(y), no ranks needed; best while y is not much larger than x;
- *search*: with b whole blocks of y below x_i, sum_j |x_i - y_j| follows from the sum of those blocks, the sum of those
  above, and one block gone through value by value. The cost hardly grows with y.
"""

from __future__ import annotations

from collections.abc import Iterator

from nebula.discrepancy.vectors import check_pair, checked
from nebula.errors import ArgumentError
from nebula.tensors import Float, Float64, Tensor, torch

# Values per pass of pooling, and queries per pass of the search: their float64 temporaries stay within a few MB, near
# the size of a core's own cache, which is both the memory bound and the fastest choice measured.
_POOL_VALUES = 2**18
_SEARCH_QUERIES = 2**14
# One block is one cache line of float32. A node of the search tree is two.
_BLOCK = 16
_NODE = 32
# Pooling costs about 5 ns per value of x and y, the search about 60 ns per value of x: they break even near 16.
_SEARCH_RATIO = 16
_SEARCH_SOUNDS = 4096


def mmd(
    x: Float[Tensor, "sounds_x dimension"], y: Float[Tensor, "sounds_y dimension"], unbiased: bool = False
) -> Float[Tensor, ""]:
    """Maximum mean discrepancy 2 d(x, y) - d(x, x) - d(y, y) under the l1 distance, d the mean over all pairs.

    Differentiable with respect to both; where two values tie, the derivative of their distance counts as 0. For many
    calls with the same `y`, prepare a `Reference`.

    Args:
        x: One row per sound, in the unit of the embedding. Not modified.
        y: The other set, of any size.
        unbiased: Take d(x, x) and d(y, y) over pairs of distinct sounds (the U-statistic): then the expectation is 0
            when both are drawn from one distribution, and the value may be negative. Otherwise each sound's zero
            distance to itself counts, as in the paper, and the value is never negative up to rounding.

    Returns:
        float64, on the device of the arguments, in the unit of the embedding.

    Raises:
        ArgumentError: Unless both have two axes, the same dimension, a sound (two if unbiased) and finite values.

    Example:
        >>> x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0]])
        >>> mmd(x, y).item()  # 2 * 1.5 - 0.5 - 0
        2.5

    Source:
        Turian et al., "One Billion Audio Sounds from GPU-enabled Modular Synthesis", DAFx 2021, equation (2), with each
        mean over its own pairs where the sizes differ.
    """
    x_values, y_values = checked("x", x, 1 + unbiased), checked("y", y, 1 + unbiased)
    check_pair(x_values, y_values)
    n, m = len(x), len(y)
    weight_x, weight_y, weight_xy = _pair_weights(n, m, unbiased)
    total = x_values.new_zeros((), dtype=torch.float64)
    for span in _spans(x.shape[1], n + m):
        x_sorted, y_sorted = _sorted_by_dimension(x_values[:, span]), _sorted_by_dimension(y_values[:, span])
        centre = y_sorted[:, m // 2].double()
        within_x, within_y = _pair_sum(x_sorted, centre), _pair_sum(y_sorted, centre)
        between = _pooled_pair_sum(x_sorted, y_sorted, centre) - within_x - within_y
        total += weight_xy * between - weight_x * within_x - weight_y * within_y
    if _wants_gradient(x):
        total = _attach(total, x, _gradient(x_values, _spanwise(y_values), weight_xy, weight_x))
    if _wants_gradient(y):
        total = _attach(total, y, _gradient(y_values, _spanwise(x_values), weight_xy, weight_y))
    return total


def diversity(x: Float[Tensor, "sounds dimension"]) -> Float[Tensor, ""]:
    """Expected biased `mmd` between the halves of a random split of `x`, in closed form.

    With mu the mean l1 distance of distinct pairs and halves of a and b sounds, the expectation over all splits is
    mu (1/a + 1/b): d between halves is mu on average, d within a half mu (1 - 1/a). For 2n sounds that is 2 mu / n. An
    odd number splits into halves that differ by one sound. Differentiable.

    Args:
        x: One row per sound, in the unit of the embedding, at least two. Not modified.

    Returns:
        float64, on the device of `x`, in the unit of the embedding; 0 only when all sounds are the same.

    Raises:
        ArgumentError: Unless `x` has two axes, two sounds and finite values.

    Example:
        >>> diversity(torch.tensor([[0.0], [3.0], [3.0], [6.0]])).item()  # mu = 18/6, n = 2
        3.0

    Source:
        The expectation of Turian et al. 2021, section 5, "MMD over 1000 distinct 50/50 partitions".
    """
    values = checked("x", x, 2)
    sounds = len(x)
    weight = diversity_weight(sounds) * 2 / (sounds * (sounds - 1))
    total = values.new_zeros((), dtype=torch.float64)
    for span in _spans(x.shape[1], sounds):
        ordered = _sorted_by_dimension(values[:, span])
        total += weight * _pair_sum(ordered, ordered[:, sounds // 2].double())
    if _wants_gradient(x):
        total = _attach(total, x, _gradient(values, None, 0.0, -weight))
    return total


def diversity_weight(sounds: int) -> float:
    """What `diversity` multiplies the mean distance of distinct pairs by: 1/a + 1/b for halves of a and b sounds."""
    return 1 / (sounds // 2) + 1 / (sounds - sounds // 2)


def summed_distances(
    x: Float[Tensor, "sounds_x dimension"], y: Float[Tensor, "sounds_y dimension"]
) -> Float64[Tensor, " sounds_x"]:
    """Sum of the l1 distances of each row of `x` to all rows of `y`, both as `checked` returns them."""
    total = x.new_zeros(len(x), dtype=torch.float64)
    for span in _spans(x.shape[1], len(x) + len(y)):
        ordered = _sorted_by_dimension(y[:, span])
        total += _ranked_sums(x[:, span].T, ordered, ordered[:, len(y) // 2].double()).sum(dim=0)
    return total


class Reference:
    """A target prepared once, against which many sets of sounds are compared.

    `Reference(y).mmd(x)` is `mmd(x, y)`. Preparation sorts a copy of `y` per dimension in its own precision; above
    4,096 sounds it adds an index of at most a quarter of that size. A query of 256 sounds then costs little more for a
    million sounds than for ten thousand. Pickles, so that it can be sent to worker processes.

    Args:
        y: One row per sound, in the unit of the embedding. Neither modified nor kept.

    Raises:
        ArgumentError: Unless `y` has two axes, a sound and finite values.

    Example:
        >>> reference = Reference(torch.tensor([[2.0], [4.0]]))
        >>> reference.mmd(torch.tensor([[3.0]])).item()  # 2 * 1 - 0 - 1
        1.0
    """

    def __init__(self, y: Float[Tensor, "sounds dimension"]) -> None:
        y = checked("y", y)
        self.sounds, self.dimension = y.shape
        indexed = self.sounds > _SEARCH_SOUNDS
        self._sorted = _sorted_by_dimension(y, multiple=_BLOCK if indexed else 1)
        self._centre = self._sorted[:, self.sounds // 2].double()
        self._within = y.new_zeros((), dtype=torch.float64)
        for span in _spans(self.dimension, self.sounds):
            self._within += _pair_sum(self._sorted[span, : self.sounds], self._centre[span])
        self._levels: list[Tensor] = []
        self._halfway = y.new_empty(0, dtype=torch.float64)
        self._total = y.new_empty(0, dtype=torch.float64)
        if indexed:
            self._build_index()

    def to(self, device: torch.device | str) -> "Reference":
        """The same reference on another device."""
        moved = object.__new__(Reference)
        for name, value in vars(self).items():
            if isinstance(value, list):
                value = [level.to(device) for level in value]
            setattr(moved, name, value.to(device) if torch.is_tensor(value) else value)
        return moved

    def mmd(self, x: Float[Tensor, "sounds_x dimension"], unbiased: bool = False) -> Float[Tensor, ""]:
        """`mmd(x, y)` for the prepared `y`, differentiable with respect to `x`.

        Args:
            x: One row per sound, of the reference's dimension and device, in any floating-point precision.
            unbiased: As in `mmd`.

        Returns:
            float64, on the device of `x`, in the unit of the embedding.

        Raises:
            ArgumentError: Unless `x` has two axes, the reference's dimension, a sound (two if unbiased, of the
                reference too) and finite values.
        """
        values = checked("x", x, 1 + unbiased)
        check_pair(values, self._sorted.T)
        n, m = len(x), self.sounds
        if unbiased and m < 2:
            raise ArgumentError(f"y: got {m} sound, expected 2 or more")
        weight_x, weight_y, weight_xy = _pair_weights(n, m, unbiased)
        by_search = bool(self._levels) and m > _SEARCH_RATIO * n
        total = -weight_y * self._within
        for span in _spans(self.dimension, n, _SEARCH_QUERIES) if by_search else _spans(self.dimension, n + m):
            x_sorted = _sorted_by_dimension(values[:, span])
            within = _pair_sum(x_sorted, self._centre[span])
            if by_search:
                total += weight_xy * self._searched_sums(x_sorted, span).sum()
            else:
                pooled = _pooled_pair_sum(x_sorted, self._sorted[span, :m], self._centre[span])
                total += weight_xy * (pooled - within)
            total -= weight_x * within
        if not by_search:
            total -= weight_xy * self._within
        if _wants_gradient(x):
            spans = ((span, self._sorted[span, :m]) for span in _spans(self.dimension, n + m))
            total = _attach(total, x, _gradient(values, spans, weight_xy, weight_x))
        return total

    def summed_distances(self, x: Float[Tensor, "sounds_x dimension"]) -> Float64[Tensor, " sounds_x"]:
        """Sum of the l1 distances of each row of `x` to all of `y`.

        Args:
            x: One row per sound, of the reference's dimension and device.

        Raises:
            ArgumentError: Unless `x` has two axes, the reference's dimension, a sound and finite values.
        """
        values = checked("x", x)
        check_pair(values, self._sorted.T)
        n, m = len(x), self.sounds
        total = values.new_zeros(n, dtype=torch.float64)
        if self._levels and m > _SEARCH_RATIO * n:
            for span in _spans(self.dimension, n, _SEARCH_QUERIES):
                total += self._searched_sums(values[:, span].T.contiguous(), span).sum(dim=0)
        else:
            for span in _spans(self.dimension, n + m):
                total += _ranked_sums(values[:, span].T, self._sorted[span, :m], self._centre[span]).sum(dim=0)
        return total

    def _build_index(self) -> None:
        # Level 0 holds the first value of every block, each further level the first value of every node of the one
        # below, padded with infinity to whole nodes; the search walks them from the narrowest down.
        level = self._sorted[:, ::_BLOCK]
        while True:
            whole = -level.shape[1] % _NODE
            self._levels.append(torch.nn.functional.pad(level, (0, whole), value=torch.inf).contiguous())
            if level.shape[1] <= 2 * _NODE:
                break
            level = self._levels[-1][:, ::_NODE]
        blocks = self._sorted.shape[1] // _BLOCK
        self._halfway = self._sorted.new_empty(self.dimension, blocks, dtype=torch.float64)
        self._total = self._sorted.new_empty(self.dimension, dtype=torch.float64)
        for span in _spans(self.dimension, self._sorted.shape[1]):
            values = self._sorted[span].double() - self._centre[span, None]
            sums = values.view(len(values), blocks, _BLOCK).sum(dim=2)
            upto = sums.cumsum(dim=1)
            # Sum of the blocks below, twice, and of the block itself, once.
            self._halfway[span] = 2 * upto - sums
            self._total[span] = upto[:, -1]

    def _searched_sums(self, x: Tensor, span: slice) -> Tensor:
        """Sum over j of |x_i - y_j| for each value of `x`, dimensions first; fastest where its rows are sorted."""
        dimension, _ = x.shape
        y = self._sorted[span]
        query = x.to(torch.promote_types(x.dtype, y.dtype)).reshape(-1, 1)
        row = torch.arange(dimension, dtype=torch.int32, device=x.device)[:, None]
        top = self._levels[-1][span].to(query.dtype)
        block = torch.searchsorted(top, query.view_as(x), right=True, out_int32=True).sub_(1).clamp_(min=0)
        ones = query.new_ones(_NODE)
        for level in reversed(self._levels[:-1]):
            nodes = level[span].view(-1, _NODE)
            node = _rows(nodes, block + row * (len(nodes) // dimension)).to(query.dtype)
            below = torch.mv(node.le_(query), ones).view_as(x).to(torch.int32)
            block = block.mul_(_NODE).add_(below.sub_(1).clamp_(min=0))
        blocks = y.shape[1] // _BLOCK
        index = block + row * blocks
        exact = query.double()
        near = (_rows(y.view(-1, _BLOCK), index).double() - exact).abs_().sum(dim=1).view_as(x)
        centred = exact.view_as(x) - self._centre[span, None]
        far = block.double().mul_(2 * _BLOCK).add_(_BLOCK * (1 - blocks)).mul_(centred)
        far -= _rows(self._halfway[span].view(-1), index).view_as(x)
        far += self._total[span, None]
        # The copies of the largest value that fill the last block were counted like sounds.
        padding = y.shape[1] - self.sounds
        return near + far - (exact.view_as(x) - y[:, -1:]).abs_() * padding


def _pair_weights(n: int, m: int, unbiased: bool) -> tuple[float, float, float]:
    """What a sum over pairs i < j within x, within y, and over all pairs between them counts in the discrepancy."""
    return 2 / (n * (n - unbiased)), 2 / (m * (m - unbiased)), 2 / (n * m)


def _spans(dimension: int, sounds: int, values: int = _POOL_VALUES) -> Iterator[slice]:
    step = max(1, values // sounds)
    for start in range(0, dimension, step):
        yield slice(start, min(start + step, dimension))


def _sort_rows(rows: Tensor) -> None:
    """Sorts each row in place; on the CPU by numpy, whose vectorised sort is an order of magnitude ahead of torch's."""
    if rows.device.type == "cpu":
        rows.numpy().sort(axis=1)
    else:
        rows.copy_(rows.sort(dim=1).values)


def _rows(table: Tensor, index: Tensor) -> Tensor:
    """The indexed rows of a table; on the CPU by numpy, which takes half of torch's time for rows this short."""
    if table.device.type == "cpu":
        return torch.from_numpy(table.numpy().take(index.numpy().reshape(-1), axis=0))
    return table.index_select(0, index.view(-1))


def _sorted_by_dimension(vectors: Tensor, multiple: int = 1) -> Tensor:
    """Dimensions first, each ascending, the largest value repeated up to a whole multiple of sounds."""
    sounds, dimension = vectors.shape
    ordered = vectors.new_empty(dimension, sounds + -sounds % multiple)
    ordered[:, :sounds] = vectors.T
    for span in _spans(dimension, sounds, 2**24):
        _sort_rows(ordered[span, :sounds])
    ordered[:, sounds:] = ordered[:, sounds - 1 : sounds]
    return ordered


def _pair_sum(ordered: Tensor, centre: Tensor) -> Tensor:
    """W summed over dimensions. Adding up dimensions before weighing leaves one product per rank."""
    count = ordered.shape[1]
    weights = torch.arange(1 - count, count, 2, dtype=torch.float64, device=ordered.device)
    return (ordered.double() - centre[:, None]).sum(dim=0) @ weights


def _pooled_pair_sum(x_sorted: Tensor, y_sorted: Tensor, centre: Tensor) -> Tensor:
    pool = torch.cat((y_sorted, x_sorted), dim=1)
    if pool.device.type == "cpu":
        # Two ascending runs: numpy's stable sort (Timsort) recognises and merges them, faster than sorting afresh.
        pool.numpy().sort(axis=1, kind="stable")
    else:
        _sort_rows(pool)
    return _pair_sum(pool, centre)


def _ranked_sums(x: Tensor, ordered: Tensor, centre: Tensor) -> Tensor:
    """Sum over j of |x_i - s_j| for each value of `x`, dimensions first, from its rank among ascending s.

    With k of the m values below x_i it is (2k - m) x_i less twice the sum of those k, plus the sum of all.
    """
    precision = torch.promote_types(x.dtype, ordered.dtype)
    rank = torch.searchsorted(ordered.to(precision).contiguous(), x.to(precision).contiguous())
    upto = torch.nn.functional.pad((ordered.double() - centre[:, None]).cumsum(dim=1), (1, 0))
    sums: Tensor = (2 * rank - ordered.shape[1]) * (x.double() - centre[:, None])
    return sums.sub_(upto.gather(1, rank), alpha=2).add_(upto[:, -1:])


def _wants_gradient(vectors: Tensor) -> bool:
    return vectors.requires_grad and torch.is_grad_enabled()


def _spanwise(vectors: Tensor) -> Iterator[tuple[slice, Tensor]]:
    for span in _spans(vectors.shape[1], len(vectors)):
        yield span, _sorted_by_dimension(vectors[:, span])


def _gradient(
    x: Tensor, others: Iterator[tuple[slice, Tensor]] | None, weight_between: float, weight_within: float
) -> Tensor:
    """Derivative of weight_between * sum |x_i - y_j| - weight_within * W(x) with respect to x."""
    gradient = torch.zeros_like(x, dtype=torch.float64)
    for span, own in _spanwise(x):
        gradient[:, span] -= weight_within * _sign_sums(x[:, span], own)
    for span, other in others or ():
        gradient[:, span] += weight_between * _sign_sums(x[:, span], other)
    return gradient


def _sign_sums(x: Tensor, ordered: Tensor) -> Tensor:
    """Sum over j of sign(x_i - s_j), shape of `x`: the number below less the number above."""
    precision = torch.promote_types(x.dtype, ordered.dtype)
    query, ordered = x.T.to(precision).contiguous(), ordered.to(precision).contiguous()
    above_or_equal = torch.searchsorted(ordered, query) - ordered.shape[1]
    return (above_or_equal + torch.searchsorted(ordered, query, right=True)).T.double()


def _attach(value: Tensor, vectors: Tensor, gradient: Tensor) -> Tensor:
    # A class of torch's, which is not to be loaded before there is a tensor.
    from nebula.discrepancy.derivatives import attach

    return attach(value, vectors, gradient.to(vectors.dtype))
