"""Distances between joints that were found and where they really are.

Lengths in the picture are shares of the dancer's height at that distance, so that near and far dancers count alike. The
23 direct joints are those that the model sees; the six others follow from them by a formula.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pose.mapping import DIRECT
from inference.pose.skeleton import SKELETON

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

PCK_SHARE = 0.05
DIRECT_JOINTS = [SKELETON.index(joint) for joint in DIRECT]
GROUPS = {
    "head": ("nose", "eye", "ear"),
    "shoulders, hips": ("shoulder", "hip"),
    "elbows, knees": ("elbow", "knee"),
    "wrists, ankles": ("wrist", "ankle"),
    "hands": ("palm_thumb", "palm_pinky"),
    "toes": ("bigtoe",),
}


def group_joints(group: str) -> list[int]:
    """Indices of the direct joints in a group."""
    return [SKELETON.index(joint) for joint in DIRECT if joint.split("_", 1)[-1] in GROUPS[group]]


@dataclass(frozen=True, eq=False)
class Distances:
    """`share` (N, 29) of the body's height, NaN where nobody was found; `seen` (N, 29) where the joint can be seen."""

    share: Floats
    seen: Mask

    def mean(self, joints: list[int], *, only_seen: bool) -> float:
        return float(np.nanmean(self._chosen(joints, only_seen)))

    def pck(self, joints: list[int], *, only_seen: bool) -> float:
        """Share of joints nearer than PCK_SHARE of the height; one that was not found is a miss."""
        return float(np.mean(self._chosen(joints, only_seen) < PCK_SHARE))

    def _chosen(self, joints: list[int], only_seen: bool) -> Floats:
        share, seen = self.share[:, joints], self.seen[:, joints]
        return share[seen] if only_seen else share.ravel()


def distances(found_px: Floats, true_px: Floats, height_px: Floats, seen: Mask) -> Distances:
    """For tracks (T, 29, 2) of the same frames."""
    return Distances(np.linalg.norm(found_px - true_px, axis=2) / height_px[:, None], seen)


def together(parts: list[Distances]) -> Distances:
    return Distances(np.concatenate([part.share for part in parts]), np.concatenate([part.seen for part in parts]))


def errors_3d_mm(found_m: Floats, true_m: Floats) -> tuple[Floats, Floats, Floats]:
    """(T,) mean distances over joints (T, J, 3), hips in the origin: as they are; with one best size for the whole clip;
    and with the best size, turn and place in each frame (Procrustes: what is wrong with the pose alone)."""
    size = np.nansum(found_m * true_m) / np.nansum(np.square(found_m))
    fitted = np.stack([_procrustes(*pair) for pair in zip(found_m, true_m, strict=True)])
    raw, sized, posed = (_mean_distance_mm(each, true_m) for each in (found_m, size * found_m, fitted))
    return raw, sized, posed


def lag_ms(found: Floats, truth: Floats, fps: float, longest: int = 6) -> float:
    """How late `found` (T, 2) is behind `truth`: where the cross-correlation of the speeds peaks, between frames by a
    parabola. NaN if it peaks at the longest shift of so many frames."""
    ours, theirs = np.diff(found, axis=0), np.diff(truth, axis=0)
    count = len(ours)
    fits = []
    for shift in range(-longest, longest + 1):
        late = ours[max(0, shift) : count + min(0, shift)]
        early = theirs[max(0, -shift) : count + min(0, -shift)]
        fits.append(float((late * early).sum() / np.sqrt(np.square(late).sum() * np.square(early).sum())))
    peak = int(np.argmax(fits))
    if peak in (0, 2 * longest):
        return float("nan")
    before, at, after = fits[peak - 1 : peak + 2]
    return (peak - longest + 0.5 * (before - after) / (before - 2 * at + after)) * 1000 / fps


def _mean_distance_mm(found_m: Floats, true_m: Floats) -> Floats:
    return np.asarray(1000 * np.linalg.norm(found_m - true_m, axis=2).mean(axis=1))


def _procrustes(found: Floats, truth: Floats) -> Floats:
    """`found` (J, 3) by the size, turn and place that fit `truth` best (Umeyama, 1991)."""
    if not np.isfinite(found).all():
        return found
    ours, theirs = found - found.mean(axis=0), truth - truth.mean(axis=0)
    left, stretch, right = np.linalg.svd(ours.T @ theirs)
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    size = (stretch * flip).sum() / np.square(ours).sum()
    return np.asarray(size * ours @ (left * flip) @ right + truth.mean(axis=0))
