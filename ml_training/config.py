"""What an experiment is: everything that decides its result but the data."""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from ml_training.errors import TrainingError


@dataclass(frozen=True)
class Augmentation:
    """How much each picture may differ from its record; all 0 (or False) is none."""

    flip: bool = True
    turn_deg: float = 30.0
    scale: float = 0.25
    shift: float = 0.05
    colour: float = 0.25
    motion_blur: float = 0.15
    occluders: float = 0.3


NONE = Augmentation(False, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Config:
    """`network` and its `options` (see `models.base.build_network`); `steps` of `batch` pictures each.

    `images` takes the first so many of the training split after one shuffle (None: all). `patience` validations without
    progress end the training (0: never). `ema` is the decay of the averaged weights (0: none). `frozen_steps` is how long the
    network's backbone stays as it was given.
    """

    network: str
    options: dict[str, Any] = field(default_factory=dict)
    batch: int = 32
    steps: int = 1000
    images: int | None = None
    seed: int = 1
    optimizer: Literal["adam", "adamw"] = "adamw"
    learning_rate: float = 1e-3
    schedule: Literal["constant", "cosine"] = "cosine"
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    ema: float = 0.998
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    augmentation: Augmentation = field(default_factory=Augmentation)
    validate_every: int = 200
    patience: int = 0
    checkpoint_every: int = 100
    frozen_steps: int = 0


def load_config(name: str) -> Config:
    """The `CONFIG` of `ml_training/configs/<name>.py`. Raises TrainingError."""
    if not name.isidentifier():
        raise TrainingError("unknown_config", f"{name!r} is no name of a module in ml_training/configs.")
    try:
        config: Config = import_module(f"ml_training.configs.{name}").CONFIG
    except ModuleNotFoundError as error:
        raise TrainingError("unknown_config", f"There is no ml_training/configs/{name}.py.") from error
    return config
