"""Scripts as they are served."""

import pytest

from kdance_site.static_storage import StaticStorage, minify

SOURCE = """// Why it is so.
import { somewhere } from "./there.js";

/** Says it. */
export function said(loudly) {
  return loudly ? somewhere.toUpperCase() : somewhere;
}
"""


def test_scripts_are_shortened_and_still_say_what_they_import(tmp_path):
    script = tmp_path / "player" / "here.js"
    script.parent.mkdir()
    script.write_text(SOURCE)
    minify(tmp_path)
    short = script.read_text()
    assert len(short) < len(SOURCE) / 1.5
    assert "Why" not in short
    assert '"./there.js"' in short
    assert "said" in short


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_served_is_the_short_script_and_imports_the_short_name(tmp_path, dry_run):
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "here.js").write_text(SOURCE)
    (tmp_path / "js" / "there.js").write_text('export const somewhere = "over the rainbow"; // far away\n')
    paths = {name: (storage, name) for name in ("js/here.js", "js/there.js")}
    done = {name: hashed for name, hashed, processed in storage.post_process(paths, dry_run) if processed}
    if dry_run:
        assert (tmp_path / "js" / "here.js").read_text() == SOURCE
        return
    served = (tmp_path / done["js/here.js"]).read_text()
    assert "Why" not in served
    assert done["js/there.js"].removeprefix("js/") in served
