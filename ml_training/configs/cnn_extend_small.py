"""The original for two cores: eight hundred pictures seen, a twelfth of the least that it was trained on.

    python -m ml_training.train cnn_extend_small DATA --out runs/cnn_extend_small

Made for about a minute and a half of computing on two cores. Duration and result: not measured yet.
"""

import dataclasses

from ml_training.configs.cnn_extend import CONFIG as FULL

CONFIG = dataclasses.replace(FULL, steps=25, validate_every=25, checkpoint_every=25)
