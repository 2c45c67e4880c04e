"""Numbers that JSON can carry."""

import math

from choreography.market.payloads import Number


def finite(value: float) -> Number:
    """The number as a plain float; None for NaN and the infinities."""
    plain = float(value)
    return plain if math.isfinite(plain) else None
