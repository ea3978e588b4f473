"""
Counter-based random numbers: each draw is a function of (seed, stream, step, entity) and of nothing else.

So a world draws the same numbers alone or in a batch, on one thread or two, whatever the agent does.
"""

from math import log, sqrt

# The streams. A number here is for ever: changing it changes every result.
STREAM_EPISODE = 1
STREAM_START = 2
STREAM_LEAVE = 3
STREAM_RETURN = 4
STREAM_TRIP = 5
STREAM_DRIVE = 6
STREAM_PLUG = 7
STREAM_EARLY = 8
STREAM_EARLY_HOURS = 9
STREAM_LEAVE_DAY = 10
STREAM_RETURN_DAY = 11
STREAM_TRIP_DAY = 12
STREAM_BATCH = 13
STREAM_TRAINING = 14
STREAM_DEMAND = 15
STREAM_DEMAND_DAY = 16
STREAM_INITIAL_SOC = 17
STREAM_INITIAL_AGE = 18
STREAM_INITIAL_QUEUE = 19
STREAM_DRIVE_DAY = 20
STREAM_PLUG_DAY = 21
STREAM_FORECAST = 22
STREAM_INCIDENT = 23
STREAM_INCIDENT_START = 24


def mix(word: int) -> int:
    """Scramble 32 bits (the two-round multiply-xorshift hash known as lowbias32)."""
    word ^= word >> 16
    word = (word * 0x7FEB352D) & 0xFFFFFFFF
    word ^= word >> 15
    word = (word * 0x846CA68B) & 0xFFFFFFFF
    return word ^ (word >> 16)


def random_word(seed: int, stream: int, step: int, entity: int) -> int:
    """32 random bits of one draw."""
    word = mix((int(seed) + int(stream) * 0x9E3779B1) & 0xFFFFFFFF)
    word = mix((word + int(step) * 0x85EBCA77) & 0xFFFFFFFF)
    return mix((word + int(entity) * 0xC2B2AE3D) & 0xFFFFFFFF)


def unit(word: int) -> float:
    """Number strictly between 0 and 1 from 32 bits; exact in float32, so both precisions draw the same."""
    return (float(word >> 9) + 0.5) * 1.1920928955078125e-07


def uniform(seed: int, stream: int, step: int, entity: int) -> float:
    """Uniform draw in (0, 1)."""
    return unit(random_word(seed, stream, step, entity))


def stratified(seed: int, stream: int, day: int, area: int, car: int) -> float:
    """
    Uniform draw in (0, 1) whose values over the cars of one area and day are evenly spread.

    A lattice whose stride is the fraction of a square root (badly approximable, one per stream), rotated by a random
    word of the day: every car's draw is uniform, and any block of consecutive cars covers the quantiles evenly.
    """
    stride = 2654435769 if stream == STREAM_LEAVE else 0  # (sqrt(5) - 1) / 2
    stride = 1779033703 if stream == STREAM_RETURN else stride  # sqrt(2)
    stride = 3144134277 if stream == STREAM_TRIP else stride  # sqrt(3)
    stride = 2600822925 if stream == STREAM_EARLY else stride  # sqrt(13)
    stride = 1930543745 if stream == STREAM_INITIAL_SOC else stride  # sqrt(6)
    stride = 3185394221 if stream == STREAM_INITIAL_AGE else stride  # sqrt(14)
    return unit((random_word(seed, stream, day, area) + car * stride) & 0xFFFFFFFF)


def rolled(seed: int, stream: int, day: int, area: int, car: int) -> float:
    """
    Uniform draw in (0, 1), spread evenly over the cars of a day and over the days of a car.

    Like :func:`stratified`, with the lattice moving on by an irrational step a day instead of a random one: a car that
    stayed unplugged today is the less likely to stay so tomorrow.
    """
    stride = 2773480763 if stream == STREAM_DRIVE else 1359893119  # sqrt(7), sqrt(11)
    step = 2654435769 if stream == STREAM_DRIVE else 1779033703  # (sqrt(5) - 1) / 2, sqrt(2)
    return unit((random_word(seed, stream, 0, area) + car * stride + day * step) & 0xFFFFFFFF)


def tail_quantile(probability: float) -> float:
    """Lower tail of :func:`normal_quantile`."""
    q = sqrt(-2.0 * log(probability))
    top = ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q
           + 4.374664141464968) * q + 2.938163982698783  # fmt: skip
    bottom = (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q
              + 3.754408661907416) * q + 1.0  # fmt: skip
    return top / bottom


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution (Acklam's rational approximation, error below 1.2e-9 relative)."""
    if probability < 0.02425:
        return tail_quantile(probability)
    if probability > 0.97575:
        return -tail_quantile(1.0 - probability)
    q = probability - 0.5
    r = q * q
    top = (((((-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02) * r
             + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239) * q  # fmt: skip
    bottom = ((((-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02) * r
               + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0  # fmt: skip
    return top / bottom


def normal(seed: int, stream: int, step: int, entity: int) -> float:
    """Draw from the standard normal distribution."""
    return normal_quantile(uniform(seed, stream, step, entity))
