"""The default network at a size that two cores train in a minute and a half.

python -m ml_training.train simcc_small DATA --out runs/simcc_small
"""

from ml_training.config import Augmentation, Config

CONFIG = Config(
    network="simcc",
    options={"input_px": 128, "width": 24, "depth": 1, "channels": 64, "split": 4},
    batch=32,
    steps=300,
    learning_rate=3e-3,
    warmup_steps=30,
    weight_decay=0.02,
    ema=0.98,
    augmentation=Augmentation(turn_deg=15.0, scale=0.15, occluders=0.0, motion_blur=0.0),
    validate_every=150,
    checkpoint_every=150,
)
