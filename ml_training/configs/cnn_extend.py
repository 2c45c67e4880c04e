"""The original, on all there is: no augmentation, no averaging, a constant rate, as it was trained.

    python -m ml_training.train cnn_extend DATA --out runs/cnn_extend

Made for about ten minutes on one GPU (`--minutes 10`). Duration and result: not measured yet.
"""

from ml_training.config import NONE, Config

CONFIG = Config(
    network="cnn_extend",
    batch=32,
    steps=20_000,
    optimizer="adam",
    learning_rate=1e-3,
    schedule="constant",
    warmup_steps=0,
    weight_decay=0.0,
    ema=0.0,
    augmentation=NONE,
    validate_every=1000,
    checkpoint_every=1000,
)
