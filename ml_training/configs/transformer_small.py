"""A small stem and 29 queries, for two cores and some two thousand pictures.

    python -m ml_training.train transformer_small DATA --out runs/transformer_small

Made for about a minute and a half of computing on two cores. Duration and result: not measured yet.
"""

from ml_training.config import Augmentation, Config

CONFIG = Config(
    network="transformer",
    options={"input_px": 128, "width": 24, "depth": 1, "channels": 64, "blocks": 2, "heads": 4, "split": 4},
    batch=16,
    steps=650,
    learning_rate=2e-3,
    warmup_steps=30,
    weight_decay=0.02,
    ema=0.98,
    augmentation=Augmentation(turn_deg=15.0, scale=0.15, motion_blur=0.0, occluders=0.0),
    validate_every=650,
    checkpoint_every=130,
)
