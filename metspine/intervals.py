"""How sure a share that was counted is."""

from math import sqrt
from statistics import NormalDist


def wilson(successes: int, total: int, z: float = NormalDist().inv_cdf(0.975)) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927), 95 % unless `z` says otherwise; 0 and 1 when there is nothing."""
    if total == 0:
        return 0.0, 1.0
    share, square = successes / total, z * z / total
    middle = share + square / 2
    half = z * sqrt(share * (1 - share) / total + square / (4 * total))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def newcombe(one: tuple[int, int], other: tuple[int, int], z: float) -> tuple[float, float]:
    """Return the interval of the difference of two shares, of which none is of nothing (Newcombe 1998, method 10)."""
    (p, (low, high)), (q, (under, above)) = ((k / n, wilson(k, n, z)) for k, n in (one, other))
    return p - q - sqrt((p - low) ** 2 + (above - q) ** 2), p - q + sqrt((high - p) ** 2 + (q - under) ** 2)
