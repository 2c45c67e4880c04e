"""An encoder of yours, frozen while the rest learns, then tuned with it, for one GPU.

    python -m ml_training.train transfer DATA --out runs/transfer --minutes 10 --set options.weights=encoder.keras

`encoder.keras` is any file that `models/transfer.py` knows; for the weights alone of a known encoder also
`--set options.encoder=EfficientNetV2B0`.

Made for about ten minutes on one GPU. Not measured there: there was no pretrained encoder to begin with.
"""

from ml_training.config import Config

CONFIG = Config(
    network="transfer",
    options={"weights": "encoder.keras", "input_px": 192, "channels": 128, "split": 4},
    batch=128,
    steps=6000,
    learning_rate=1e-3,
    warmup_steps=300,
    weight_decay=0.02,
    ema=0.998,
    precision="mixed_bfloat16",
    validate_every=1000,
    checkpoint_every=1000,
    frozen_steps=1000,
)
