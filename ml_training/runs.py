"""A folder that `train.py` writes: whose it is, and read back, the network as it validated best and how it came about."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_training.checkpoint import STATE, STATE_TEXT, WEIGHTS, load_weights, remove_drafts
from ml_training.config import Augmentation, Config
from ml_training.correction import Correction
from ml_training.data.records import Records
from ml_training.errors import TrainingError
from ml_training.files import WRITER, whole_file
from ml_training.models.base import Network, build_network
from ml_training.trained_on import DATA, TrainedOn

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


def refuse_others(folder: Path, config: Config) -> None:
    """Raises TrainingError "other_config" for a folder with another training, or with something else."""
    if (folder / CONFIG).is_file():
        if read_config(folder) != config:
            message = (
                f"{folder} holds a training with other settings (its {CONFIG}): choose another folder or remove it."
            )
            raise TrainingError("other_config", message)
        return
    if folder.exists() and any(not _left_by_a_kill(path) for path in folder.iterdir()):
        raise TrainingError("other_config", f"{folder} is not empty, and no training: choose another folder.")


def claim(folder: Path, config: Config, records: Records, say: Callable[[str], None]) -> None:
    """From here on the folder is for this config on these records: new, or what the same command left there.

    Raises
    ------
    TrainingError
        "other_config", "other_data".
    """
    refuse_others(folder, config)
    remove_drafts(folder)
    if not (folder / STATE).is_file():
        # Somebody removed it to start from the beginning: what was fitted to the weights of before is not for the new ones.
        (folder / CORRECTION).unlink(missing_ok=True)
    if not (folder / CONFIG).is_file():
        TrainedOn.of(records).write(folder)
        write_config(folder, config)
        return
    noted = TrainedOn.read(folder)
    if noted is None:
        say(f"note: {folder} has no {DATA}: whether it was begun on the same pictures, nobody can tell")
    elif noted.records != records.folder.name:
        raise TrainingError("other_data", _other_data(folder, noted, records))


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


def _left_by_a_kill(path: Path) -> bool:
    """Of a training that had not come to write its config."""
    return path.name in (DATA, WRITER) or (path.name.startswith(".") and ".draft" in path.name)


def _other_data(folder: Path, noted: TrainedOn, records: Records) -> str:
    return (
        f"{folder} was begun on {noted.pictures} pictures of {noted.root}; these are {len(records)} of "
        f"{Path(records.samples.root).name}, with other labels, pictures or splits. Going on could train on those who are to "
        f"judge: choose another folder for the new pictures, or bring the old ones back."
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    except ValueError as error:
        raise TrainingError("damaged_checkpoint", f"{path} is damaged.") from error
    return values
