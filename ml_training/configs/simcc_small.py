"""The default network at a size that two cores train in a minute and a half of computing, on some two thousand pictures.

    python -m ml_training.train simcc_small DATA --out runs/simcc_small

Measured once by `make compare-models` (two cores of an EPYC, quiet; 1,029 rendered pictures of 640 x 360 to learn from):
72 s, 14,416 pictures seen. On 220 pictures of dancers that it had not seen: 14.7 px MAE, 6.4 % of the height; the mean pose
in the same squares 21.0 px. It was still learning.
"""

from ml_training.config import Augmentation, Config

CONFIG = Config(
    network="simcc",
    options={"input_px": 128, "width": 24, "depth": 1, "channels": 64, "split": 4},
    batch=16,
    steps=650,
    learning_rate=3e-3,
    warmup_steps=30,
    weight_decay=0.02,
    ema=0.98,
    augmentation=Augmentation(turn_deg=15.0, scale=0.15, motion_blur=0.0, occluders=0.0),
    validate_every=650,
    checkpoint_every=130,
)
