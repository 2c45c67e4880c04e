"""The default network, for one GPU and some fifty thousand pictures.

    python -m ml_training.train simcc DATA --out runs/simcc

Made for about ten minutes on one GPU (`--minutes 10`). Duration and result: not measured yet.
"""

from ml_training.config import Config

CONFIG = Config(
    network="simcc",
    options={"input_px": 192, "width": 64, "depth": 2, "channels": 128, "split": 4},
    batch=128,
    steps=9000,
    learning_rate=2e-3,
    warmup_steps=300,
    weight_decay=0.02,
    ema=0.998,
    precision="mixed_bfloat16",
    validate_every=1000,
    checkpoint_every=1000,
)
