"""The small and fast student, for two cores and some two thousand frames; see `distil.py` for what it is taught by.

    python -m ml_training.train distil_small DATA --out runs/distil_small

Made for about a minute and a half of computing on two cores. Duration and result: not measured yet.
"""

from ml_training.config import Augmentation, Config

CONFIG = Config(
    network="simcc",
    options={"input_px": 128, "width": 32, "depth": 1, "channels": 64, "split": 4},
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
