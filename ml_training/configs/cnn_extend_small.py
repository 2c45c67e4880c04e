"""The original for two cores: some eight hundred pictures seen, a hundredth of the least that it was ever trained on.

python -m ml_training.train cnn_extend_small DATA --out runs/cnn_extend_small
"""

import dataclasses

from ml_training.configs.cnn_extend import CONFIG as FULL

CONFIG = dataclasses.replace(FULL, steps=25, validate_every=25, checkpoint_every=25)
