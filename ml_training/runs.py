"""A folder that `train.py` wrote, read back: the network as it validated best, and how it came about."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_training.checkpoint import STATE_TEXT, WEIGHTS, load_weights
from ml_training.config import Augmentation, Config
from ml_training.correction import Correction
from ml_training.errors import TrainingError
from ml_training.files import whole_file
from ml_training.models.base import Network, build_network

CONFIG, CORRECTION = "config.json", "correction.json"


@dataclass(frozen=True)
class Trained:
    """`metrics` are those of the validation split that the weights were chosen by, with the "step" of that moment."""

    network: Network
    config: Config
    correction: Correction | None
    metrics: dict[str, Any]


def load_run(folder: Path, network: Network | None = None) -> Trained:
    """
    Parameters
    ----------
    network
        One that is built already and may take the weights; it takes a while to build.

    Raises
    ------
    TrainingError
        "no_run" where no training has validated, "damaged_checkpoint" for files that cannot be read.
    """
    config = read_config(folder)
    network = network or build_network(config.network, config.options)
    load_weights(network.model, folder / WEIGHTS)
    return Trained(network, config, _correction(folder), _read_json(folder / STATE_TEXT).get("best") or {})


def read_config(folder: Path) -> Config:
    """Raises TrainingError "no_run" or "damaged_checkpoint"."""
    if not (folder / CONFIG).is_file():
        raise TrainingError("no_run", f"{folder} is no folder of a training: it has no {CONFIG}.")
    try:
        values = _read_json(folder / CONFIG)
        return Config(**{**values, "augmentation": Augmentation(**values["augmentation"])})
    except (TypeError, KeyError) as error:
        raise TrainingError(
            "damaged_checkpoint", f"{folder / CONFIG} is not a configuration of this version."
        ) from error


def write_config(folder: Path, config: Config) -> None:
    with whole_file(folder / CONFIG) as draft:
        draft.write_text(json.dumps(dataclasses.asdict(config), indent=1) + "\n")


def write_correction(folder: Path, correction: Correction) -> None:
    with whole_file(folder / CORRECTION) as draft:
        draft.write_text(json.dumps(correction.as_json()) + "\n")


def _correction(folder: Path) -> Correction | None:
    path = folder / CORRECTION
    if not path.is_file():
        return None
    return Correction.from_json(_read_json(path))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    except ValueError as error:
        raise TrainingError("damaged_checkpoint", f"{path} is damaged.") from error
    return values
