"""Fewer points that draw the same curve."""

import numpy as np

from kasauti.domain.market import Ints


def telling_rows(values: Ints, buckets: int) -> Ints:
    """
    Return rows of `values` that draw the same line on a page `buckets` wide.

    Of each stretch it keeps the first, the lowest, the highest and the last row: no high and no low is lost.
    Source: Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB (2014).
    """
    size = len(values)
    if size <= 4 * buckets:
        return np.arange(size)
    edges = np.linspace(0, size, buckets + 1).astype(np.int64)
    firsts, lasts = edges[:-1], edges[1:] - 1
    rows = [firsts, lasts]
    for find in (np.argmin, np.argmax):
        extremes = [
            first + int(find(values[first : last + 1])) for first, last in zip(firsts, lasts, strict=True)
        ]
        rows.append(np.array(extremes, np.int64))
    kept: Ints = np.unique(np.sort(np.concatenate(rows)))
    return kept


def even_rows(size: int, most: int) -> Ints:
    """Return at most `most` rows of `size`, evenly, the first and the last among them."""
    if size <= most:
        return np.arange(size)
    rows: Ints = np.unique(np.linspace(0, size - 1, most).astype(np.int64))
    return rows
