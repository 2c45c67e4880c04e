"""Landmarks and the joints they become, for the browser's mapping: `python -m tests.golden_mapping` writes the file."""

import json
from pathlib import Path

import numpy as np

from inference.pose.mapping import to_kdance, to_kdance_world

PATH = Path(__file__).resolve().parent / "golden" / "mapping.json"
SIZE_PX = (640, 480)
FRAMES = 3
FOOT_WITHOUT_LENGTH = (1, [28, 30, 32])


def golden() -> dict[str, object]:
    """Landmarks as the browser's engine gives them, in shares of the picture, and what Python makes of them."""
    rng = np.random.default_rng(7)
    xyz = rng.uniform(-0.1, 1.1, (FRAMES, 33, 3)).round(4)
    frame, foot = FOOT_WITHOUT_LENGTH
    xyz[frame, foot] = xyz[frame, foot[0]]
    visibility, presence = rng.uniform(0, 1, (2, FRAMES, 33)).round(4)
    world = rng.normal(0, 0.4, (FRAMES, 33, 3)).round(4)
    width, height = SIZE_PX
    xy_px, conf = to_kdance(xyz * (width, height, width), np.minimum(visibility, presence))
    return {
        "size_px": SIZE_PX,
        "landmarks": xyz.tolist(),
        "visibility": visibility.tolist(),
        "presence": presence.tolist(),
        "world": world.tolist(),
        "xy_px": xy_px.round(5).tolist(),
        "conf": conf.round(6).tolist(),
        "xyz_m": to_kdance_world(world).round(6).tolist(),
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(golden(), separators=(",", ":")) + "\n")
