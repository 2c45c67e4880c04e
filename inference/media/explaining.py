"""Which of several offsets explain an attempt's sound, where more than one fits.

In a song made with a drum machine every other beat fits, for the drums are the same samples. Only at the right offset the
rest fits too, and there the drums are explained as well. So all offsets try to explain the attempt together: it is written
as a sum of the guide moved by each of them, with factors that are not negative and leave the least rest (non-negative
least squares). What the right offset explains is not left for the others. A take that plays a part twice has two right
ones, each for its half. Offsets that explain the very same share it equally, by a small penalty on large factors.

Reference
---------
C. Lawson, R. Hanson, "Solving least squares problems", 1974, chapter 23.
"""

from collections.abc import Sequence

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.optimize
from numpy.typing import NDArray

from inference.media.phat import BLOCK_S, Alignment, Sound

Floats = NDArray[np.float64]

# Higher up, a hundredth of a millisecond turns the phase.
_LOW_HZ, _HIGH_HZ = 150.0, 3000.0
_MOST_BLOCKS = 16
_SMOOTH_HZ = 100.0
_PENALTY = 0.2


def explained_shares(guide: Sound, attempt: Sound, rate: int, found: Sequence[Alignment]) -> Floats:
    """What part of all that is explained each of `found` explains.

    Parameters
    ----------
    guide, attempt : (N,) and (M,) samples.
    found : at least one.

    Returns
    -------
    (len(found),) >= 0, with the sum 1.
    """
    if len(found) == 1:
        return np.ones(1)
    explainers = _Explainers(guide, attempt, rate, found)
    alike = np.zeros((len(found), len(found)))
    fits = np.zeros(len(found))
    for start in explainers.starts():
        moved, heard = explainers.spectra(start)
        alike += (moved @ moved.conj().T).real
        fits += (moved @ heard.conj()).real
    # A microphone may be wired the other way round.
    fits *= np.sign(fits[np.abs(fits).argmax()])
    # What covers little of the take must explain it the better.
    energy = np.maximum(np.diag(alike) / max(float(np.diag(alike).max()), 1e-20), 0.05)
    alike += np.diag(_PENALTY * np.diag(alike).max() / energy**2)
    root = np.linalg.cholesky(alike)
    factors, _ = scipy.optimize.nnls(root.T, np.linalg.solve(root, fits))
    explained = np.maximum(factors * fits, 0)
    total = float(explained.sum())
    return explained / total if total > 0 else np.full(len(found), 1 / len(found))


class _Explainers:
    """Blocks of the attempt, and the same instants of the guide by each of the alignments, as flattened spectra."""

    def __init__(self, guide: Sound, attempt: Sound, rate: int, found: Sequence[Alignment]) -> None:
        self._guide, self._attempt, self._rate, self._found = guide, attempt, rate, found
        self._size = round(BLOCK_S * rate)
        self._padded = scipy.fft.next_fast_len(self._size, real=True)
        hz = np.fft.rfftfreq(self._padded, 1 / rate)
        self._used = slice(*(int(np.searchsorted(hz, edge)) for edge in (_LOW_HZ, min(_HIGH_HZ, 0.45 * rate))))
        self._turn = 2j * np.pi * hz[self._used] / rate
        self._taper = np.hanning(self._size).astype(np.float32)
        self._flatten_guide, self._flatten_attempt = self._flattening(guide), self._flattening(attempt)

    def starts(self) -> NDArray[np.int64]:
        return _spread(len(self._attempt), self._size)

    def spectra(self, start: int) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
        """((K, F) of the guide by each alignment, nothing where it has no sound then; (F,) of the attempt)."""
        middle_s = (start + self._size / 2) / self._rate
        begins = []
        for each in self._found:
            guide_s = middle_s - each.offset_s
            offset_s = each.offset_s + (each.drift_ppm or 0.0) * 1e-6 * (guide_s - each.middle_s)
            begins.append((middle_s - offset_s) * self._rate - self._size / 2)
        whole = np.floor(begins).astype(int)
        moved = self._spectrum(np.stack([self._guide_from(begin) for begin in whole]))
        moved = moved * np.exp(self._turn * (np.array(begins) - whole)[:, None])
        heard = self._spectrum(self._attempt[start : start + self._size])
        return (moved * self._flatten_guide).astype(np.complex64), (heard * self._flatten_attempt).astype(np.complex64)

    def _guide_from(self, begin: int) -> Sound:
        end = begin + self._size
        inside = self._guide[max(0, begin) : max(0, end)]
        before = min(self._size, max(0, -begin))
        return np.pad(inside, (before, self._size - before - len(inside)))

    def _spectrum(self, blocks: Sound) -> NDArray[np.complex64]:
        return np.asarray(scipy.fft.rfft(blocks * self._taper, self._padded)[..., self._used], np.complex64)

    def _flattening(self, sound: Sound) -> NDArray[np.float32]:
        """(F,) factors that make a sound's mean spectrum about equally strong everywhere, single notes kept."""
        power = np.zeros(self._used.stop - self._used.start)
        for start in _spread(len(sound), self._size):
            power += np.abs(self._spectrum(sound[start : start + self._size])) ** 2
        smooth = scipy.ndimage.uniform_filter1d(power, round(_SMOOTH_HZ * BLOCK_S), mode="nearest")
        return np.asarray(1 / np.sqrt(smooth + 1e-6 * smooth.max() + 1e-20), np.float32)


def _spread(samples: int, size: int) -> NDArray[np.int64]:
    """Starts of blocks over the whole length."""
    room = max(0, samples - size)
    return np.linspace(0, room, min(_MOST_BLOCKS, 1 + 2 * room // size)).round().astype(np.int64)
