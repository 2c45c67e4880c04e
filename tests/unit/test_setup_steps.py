"""The steps of `make setup` that are ours: compiled translations, vendored files, a node to run."""

import gettext

import pytest

from kdance_site import node_tools, translations, vendor

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Choreographies"
msgstr "안무"

#, fuzzy
msgid "Guide"
msgstr "지도"
"""


@pytest.fixture
def locale(tmp_path):
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO)
    return tmp_path


def test_gettext_reads_what_was_compiled_and_guesses_are_left_out(locale):
    translations.main(locale)
    korean = gettext.translation("django", locale, ["ko"])
    assert korean.gettext("Choreographies") == "안무"
    assert korean.gettext("Guide") == "Guide"


def test_a_broken_catalogue_is_named(locale):
    broken = locale / "ko" / "LC_MESSAGES" / "django.po"
    broken.write_text(PO + '\nmsgid "no end\n')
    with pytest.raises(SystemExit, match=r"django\.po"):
        translations.main(locale)


def test_the_font_comes_with_its_pieces_and_its_licence(tmp_path):
    source, target = tmp_path / "dist", tmp_path / "vendor"
    pieces = source / "web" / "variable" / "woff2-dynamic-subset"
    pieces.mkdir(parents=True)
    (pieces / "0.woff2").write_bytes(b"wOF2")
    (source / "web" / "variable" / "pretendardvariable-dynamic-subset.css").write_text("@font-face {}")
    (source / "LICENSE.txt").write_text("OFL")
    target.mkdir()
    (target / "of-an-older-version.woff2").touch()
    vendor.copy_pretendard(source, target)
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert names == {"LICENSE.txt", "pretendardvariable-dynamic-subset.css", "woff2-dynamic-subset/0.woff2"}


def program(folder, name, says):
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(("version", "taken"), [("v18.0.0", True), ("v22.1.0", True), ("v16.20.2", False), ("", False)])
def test_the_machines_node_is_taken_if_it_is_new_enough(tmp_path, monkeypatch, version, taken):
    program(tmp_path, "node", version)
    program(tmp_path, "npm", "10")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(node_tools, "KEPT", tmp_path / "kept")
    assert node_tools.node_command("npm") == ([str(tmp_path / "npm")] if taken else None)


def test_the_kept_node_stands_in(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin", "node", "v24.0.0")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(node_tools, "KEPT", tmp_path)
    assert node_tools.node_command("node") == [str(tmp_path / "bin" / "node")]
    assert node_tools.node_command("npm")[0] == str(tmp_path / "bin" / "node")


def test_without_any_node_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(node_tools, "KEPT", tmp_path / "kept")
    with pytest.raises(SystemExit, match="make setup"):
        node_tools.main(["npm", "ci"])
