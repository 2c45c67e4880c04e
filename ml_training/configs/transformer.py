"""Convolutions and 29 queries, for one GPU and some fifty thousand pictures.

    python -m ml_training.train transformer DATA --out runs/transformer --minutes 10

Measured once on one H100 that the `hourglass` used at the same time (JAX; 42,000 rendered pictures): `--minutes 4` gave
1,410 steps at about 1,900 pictures a second, 18.3 px off on validation, 8 % of the height: far from done.
"""

from ml_training.config import Config

CONFIG = Config(
    network="transformer",
    options={"input_px": 192, "width": 48, "depth": 1, "channels": 128, "blocks": 3, "heads": 4, "split": 4},
    batch=128,
    steps=9000,
    learning_rate=1e-3,
    warmup_steps=500,
    weight_decay=0.02,
    ema=0.998,
    precision="mixed_bfloat16",
    validate_every=1000,
    checkpoint_every=1000,
)
