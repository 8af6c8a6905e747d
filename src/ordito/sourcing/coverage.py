"""How often promises were kept, and how sure that figure is."""

from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


def share_interval(kept: int, scored: int) -> tuple[float, float]:
    """Between which shares (0 to 1) the true one lies, at 95 % confidence; (0, 1) without any.

    Source: Wilson (1927), Journal of the American Statistical Association 22(158), 209-212.
    """
    if not scored:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = kept / scored
    middle = share + z * z / (2 * scored)
    half = z * sqrt(share * (1 - share) / scored + z * z / (4 * scored * scored))
    least = 1 + z * z / scored
    return max(0.0, (middle - half) / least), min(1.0, (middle + half) / least)
