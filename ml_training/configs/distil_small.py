"""The small and fast student, for two cores and some two thousand frames; see `distil.py` for what it is taught by.

    python -m ml_training.train distil_small DATA --out runs/distil_small

Measured once by `make compare-models` (two cores of an EPYC, quiet; 1,029 rendered pictures of 640 x 360 to learn from):
74 s, 10,896 pictures seen. On 220 pictures of dancers that it had not seen:
15.8 px MAE, the mean pose 21.0, the teacher 7.0.
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
