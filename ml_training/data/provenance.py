"""Whether pictures were drawn and not taken: what is measured on drawings must never pass for a figure on real people."""

from collections.abc import Sequence
from pathlib import Path

PLAN = "rendered.json"
CARD = "DATA_CARD.md"
CARD_TITLE = "# Rendered dancers"
ARTIST = "rendered"
"""Stands in the place of the artist in the name of every song's folder, so that a part of the data is known as well."""


def is_rendered(root: Path, images: Sequence[str] = ()) -> bool:
    """Whether `root` holds what `data render` drew: its folder, a part of it, or one that holds such a folder.

    Parameters
    ----------
    images
        Paths below `root`, as in `Samples.image`. Pictures of which a part alone is drawn count as drawn.
    """
    if any(f"({ARTIST})" in image for image in images):
        return True
    root = Path(root).resolve()
    tops = {image.partition("/")[0] for image in images}
    return any(map(_is_marked, (root, root.parent, *(root / top for top in tops))))


def _is_marked(folder: Path) -> bool:
    if (folder / PLAN).is_file():
        return True
    try:
        return (folder / CARD).read_text(encoding="utf-8").startswith(CARD_TITLE)
    except (OSError, ValueError):
        return False
