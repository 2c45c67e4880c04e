"""Compiles the .po files under locale/ into the .mo files that gettext reads: `python -m kdance_site.translations`.

Babel does it, so that no machine needs GNU gettext.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_catalogue(source: Path) -> Path:
    """Write the .mo beside the .po. An entry marked fuzzy is left out: it is a guess nobody has confirmed."""
    with source.open("rb") as handle:
        catalogue = read_po(handle, abort_invalid=True)
    target = source.with_suffix(".mo")
    with target.open("wb") as handle:
        write_mo(handle, catalogue)
    return target


def main(locale: Path = LOCALE) -> None:
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        try:
            compile_catalogue(source)
        except PoFileError as error:
            sys.exit(f"{source}: {error}")


if __name__ == "__main__":
    main()
