"""The default network, for one GPU and some fifty thousand pictures.

    python -m ml_training.train simcc DATA --out runs/simcc

Measured once on one H100 that two other trainings used at the same time (JAX; 42,000 rendered pictures, 640 x 360, two
thirds of them to learn from): `--minutes 7.3` gave 4,792 steps at about 1,800 pictures a second. On 6,137 pictures of
dancers that it had not seen, in exact squares: 3.57 px MAE, 1.5 % of the height; in shaken ones, on 280 other pictures, 4.15 px.
Alone on the card, 1,266 to 1,561 a second.
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
