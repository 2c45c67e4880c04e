"""The original, on all there is: no augmentation, no averaging, a constant rate, as it was trained.

    python -m ml_training.train cnn_extend DATA --out runs/cnn_extend

Measured once on one H100 that two other trainings used at the same time (JAX; 42,000 rendered pictures, two thirds of them
to learn from): all 20,000 steps in 6.8 minutes, about 2,400 pictures a second. On 6,137 pictures of dancers that it had not
seen: 36.1 px MAE of 640 x 360, 17 % of the height. Alone on the card, 2,400 to 2,800 a second.
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
