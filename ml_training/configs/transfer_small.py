"""An encoder of yours, frozen and then tuned, for two cores and some two thousand pictures.

    python -m ml_training.train transfer_small DATA --out runs/transfer_small --set options.weights=encoder.keras

Measured once by `make compare-models` (two cores of an EPYC, quiet; 1,029 rendered pictures of 640 x 360 to learn from):
74 s, 14,032 pictures seen, begun with the encoder of `simcc_small`. On 220 pictures of dancers that it had not seen:
14.1 px MAE, the mean pose 21.0.
"""

from ml_training.config import Augmentation, Config

CONFIG = Config(
    network="transfer",
    options={"weights": "encoder.keras", "input_px": 128, "channels": 64, "split": 4},
    batch=16,
    steps=650,
    learning_rate=2e-3,
    warmup_steps=30,
    weight_decay=0.02,
    ema=0.98,
    augmentation=Augmentation(turn_deg=15.0, scale=0.15, motion_blur=0.0, occluders=0.0),
    validate_every=650,
    checkpoint_every=130,
    frozen_steps=100,
)
