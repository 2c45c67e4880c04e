"""The default network at a size that two cores train in a minute and a half of computing, on some two thousand pictures.

    python -m ml_training.train simcc_small DATA --out runs/simcc_small

Measured once, on 1364 rendered pictures of 640 x 360 (two cores of an EPYC, shared with other work): 87 s of computing, about
120 pictures a second of it. On 280 pictures of dancers that it had not seen: 16.0 px MAE, half of the joints within 11.8 px.
As a share of the square's side it is off by .074; the mean pose, drawn in the same squares, by .090. It was still learning.
"""

from ml_training.config import Augmentation, Config

CONFIG = Config(
    network="simcc",
    options={"input_px": 128, "width": 24, "depth": 1, "channels": 64, "split": 4},
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
