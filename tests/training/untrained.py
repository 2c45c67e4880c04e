"""Runs of networks that learnt nothing and say one figure whatever they see: `python -m tests.training.untrained FOLDER`.

Their weights are as they begin; a correction that forgets what they say and puts a standing figure in its place makes them
usable, and a sharp last layer makes them sure. So what is tested is the way from a run to a track, and no learning.
"""

import os
import sys
from pathlib import Path

import numpy as np

from inference.pose.skeleton import SKELETON

TINY_SIMCC = {"input_px": 64, "width": 8, "depth": 1, "channels": 16}
SURE = 3
"""A seed whose weights are surer than others': with some the network is so unsure that nobody is found."""
LETTERBOX_FIGURE = (180, (70, 0))
"""Side of the figure's square in the picture of 320 x 180, and where its corner lies."""


def standing() -> np.ndarray:
    """(29, 2) somebody who stands in the middle of the unit square, arms down; 0.4 from the hips to the furthest joint.

    So the tracker's next square, 2 * 1.25 times as large, is the one before: with another figure it would grow or shrink.
    """
    places = dict.fromkeys(SKELETON.joints, (0.5, 0.4)) | {"nose": (0.5, 0.14)}
    for side, x in (("left", 0.56), ("right", 0.44)):
        heights = {"eye": 0.12, "ear": 0.13, "shoulder": 0.26, "elbow": 0.38, "wrist": 0.48, "hip": 0.5, "knee": 0.7}
        heights |= {"ankle": 0.88, "bigtoe": 0.92, "littletoe": 0.91, "palm_thumb": 0.5, "palm_pinky": 0.51}
        places |= {f"{side}_{part}": (x, y) for part, y in heights.items()}
    away = np.array([places[joint] for joint in SKELETON.joints]) - 0.5
    return 0.5 + away * 0.4 / np.linalg.norm(away, axis=1).max()


def write_runs(folder: Path) -> None:
    import keras

    from ml_training.checkpoint import WEIGHTS, save_weights
    from ml_training.config import Config
    from ml_training.correction import Correction
    from ml_training.models.base import build_network
    from ml_training.runs import write_config, write_correction

    size_px, corner = LETTERBOX_FIGURE
    places = {"simcc": standing() * TINY_SIMCC["input_px"], "cnn_extend": standing() * size_px + corner}
    for name, options in (("simcc", TINY_SIMCC), ("cnn_extend", {})):
        run = folder / name
        run.mkdir(parents=True)
        keras.utils.set_random_seed(SURE)
        network = build_network(name, options)
        if name == "simcc":
            votes = network.model.get_layer("votes")
            votes.kernel.assign(votes.kernel * 100)
        save_weights(network.model, run / WEIGHTS)
        write_config(run, Config(name, options))
        shape = places[name].shape
        write_correction(run, Correction(places[name], np.zeros(shape), np.ones(shape, bool)))


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from ml_training.export import export
    from ml_training.runs import load_run

    write_runs(Path(sys.argv[1]))
    for run in sorted(Path(sys.argv[1]).iterdir()):
        export(load_run(run), run / "model.onnx", licence="CC0-1.0", data="nothing: untrained", tflite=False)
