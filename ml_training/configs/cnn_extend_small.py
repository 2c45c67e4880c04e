"""The original for two cores: eight hundred pictures seen, a twelfth of the least that it was trained on.

    python -m ml_training.train cnn_extend_small DATA --out runs/cnn_extend_small

Measured once by `make compare-models` (two cores of an EPYC, quiet; 1,029 rendered pictures of 640 x 360 to learn from):
96 s for 576 pictures seen. On 220 pictures of dancers that it had not seen:
75.7 px MAE, far worse than the mean pose's 21.0: it sees the whole picture and has hardly begun.
"""

import dataclasses

from ml_training.configs.cnn_extend import CONFIG as FULL

CONFIG = dataclasses.replace(FULL, steps=25, validate_every=25, checkpoint_every=25)
