"""Two stacked hourglasses, for one GPU and some fifty thousand pictures.

    python -m ml_training.train hourglass DATA --out runs/hourglass --minutes 10

Made for about ten minutes on one GPU (`--minutes 10`). Duration and result: not measured yet.
"""

from ml_training.config import Config

CONFIG = Config(
    network="hourglass",
    options={"input_px": 192, "stacks": 2, "levels": 4, "channels": 96},
    batch=128,
    steps=9000,
    learning_rate=1e-3,
    warmup_steps=300,
    weight_decay=0.02,
    ema=0.998,
    precision="mixed_bfloat16",
    validate_every=1000,
    checkpoint_every=1000,
)
