"""A small and fast student of the product's own pose engine, on frames of videos that nobody labelled; for one GPU.

    python -m ml_training.data pseudo VIDEO... --out SAMPLES
    python -m ml_training.data cache SAMPLES --out DATA --kinds person
    python -m ml_training.train distil DATA --out runs/distil --minutes 10

The teacher's confidence is what each joint weighs. The network is SimCC at a size that reads a picture in about 3 ms on one
thread (see `models/simcc.py`); the training is longer than that of larger ones, as a small one learns more slowly.

Measured once on one H100 that two other trainings used at the same time (JAX; 19,948 rendered pictures, labelled by
`blazepose-full`): `--minutes 7.3` gave 5,357 steps at about 1,900 pictures a second. Served by the site, on 280 pictures
of dancers that it had not seen: 9.2 px MAE against the teacher's 7.3 in the same squares, 2.8 to 3.7 ms against 10.5 to 10.9.
"""

from ml_training.config import Config

CONFIG = Config(
    network="simcc",
    options={"input_px": 128, "width": 32, "depth": 1, "channels": 64, "split": 4},
    batch=128,
    steps=12_000,
    learning_rate=2e-3,
    warmup_steps=300,
    weight_decay=0.02,
    ema=0.998,
    precision="mixed_bfloat16",
    validate_every=1000,
    checkpoint_every=1000,
)
