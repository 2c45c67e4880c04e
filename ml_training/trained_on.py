"""What a run was trained on, noted beside its weights: it neither goes on with other data, nor is judged on whom it knows.

RUN/data.json is written before the first step. It names people and dances and no folder of the machine.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ml_training.data.records import Records, Split
from ml_training.data.samples import Samples
from ml_training.errors import TrainingError
from ml_training.files import whole_file

DATA = "data.json"
_NAMED = 5
"""So many of the names that were seen are told in a message."""


@dataclass(frozen=True)
class Names:
    dancers: tuple[str, ...]
    songs: tuple[str, ...]

    @classmethod
    def of(cls, samples: Samples) -> Self:
        """Of rows that name nobody, or no dance, there is nothing to note."""
        return cls(*(tuple(sorted({*names.tolist()} - {""})) for names in (samples.dancer, samples.song)))

    def shared_with(self, other: "Names") -> tuple[str, ...]:
        dancers, songs = {*self.dancers} & {*other.dancers}, {*self.songs} & {*other.songs}
        return (*(f"dancer {name}" for name in sorted(dancers)), *(f"song {name}" for name in sorted(songs)))


@dataclass(frozen=True)
class TrainedOn:
    """
    Attributes
    ----------
    records
        The fingerprint that `cache` gave the records: of the labels, the pictures and the split.
    pictures
        How many records there are, of all splits.
    root
        The name of the samples' folder, without where it lies.
    train, validation
        Whoever is in these splits; a run that asks for fewer pictures than there are may not have seen all of them.
    """

    records: str
    pictures: int
    rendered: bool
    root: str
    train: Names
    validation: Names

    @classmethod
    def of(cls, records: Records) -> Self:
        return cls(
            records=records.folder.name,
            pictures=len(records),
            rendered=records.rendered,
            root=Path(records.samples.root).name,
            train=_names(records, "train"),
            validation=_names(records, "validation"),
        )

    @classmethod
    def read(cls, run: Path) -> Self | None:
        """None where an older version did not note it. Raises TrainingError "damaged_checkpoint"."""
        path = run / DATA
        if not path.is_file():
            return None
        try:
            noted = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**noted, **{split: _as_names(noted[split]) for split in ("train", "validation")}})
        except (ValueError, TypeError, KeyError) as error:
            message = f"{path} is damaged, or of another version: nobody can tell what the run was trained on."
            raise TrainingError("damaged_checkpoint", message) from error

    def write(self, run: Path) -> None:
        with whole_file(run / DATA) as draft:
            draft.write_text(
                json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )


def seen_in_training(run: Path, records: Records, split: Split) -> tuple[str, ...] | None:
    """Who and which dances of a split the run was trained on; None where that is not known.

    In the very records that it was trained on, nobody: they were split for it.
    """
    noted = TrainedOn.read(run)
    if noted is None:
        return None
    if noted.records == records.folder.name and split != "train":
        return ()
    return noted.train.shared_with(_names(records, split))


def refuse_seen(seen: tuple[str, ...] | None, run: Path, split: Split) -> None:
    """Raises TrainingError "seen_in_training"."""
    if seen:
        named = ", ".join(seen[:_NAMED]) + (f" and {len(seen) - _NAMED} more" if len(seen) > _NAMED else "")
        message = (
            f"{run} was trained on people or dances of this {split} split: {named}. It would look better than it is. Judge it on "
            f"others, or say --seen: also where they only happen to have the same names."
        )
        raise TrainingError("seen_in_training", message)


def _names(records: Records, split: Split) -> Names:
    return Names.of(records.samples.take(records.rows(split)))


def _as_names(noted: dict[str, Any]) -> Names:
    return Names(**{what: tuple(names) for what, names in noted.items()})
