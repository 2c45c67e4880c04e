"""AI Hub's folders and zips become one table; what cannot be used is named with the reason, and nothing is half-written."""

import errno
import json
import resource
import shutil
import subprocess
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.data import chunks, images
from ml_training.data.__main__ import parse
from ml_training.data.aihub import HIDDEN, VISIBLE
from ml_training.data.convert import LEFT_OUT, REPORT, convert
from ml_training.data.images import read_picture
from ml_training.data.layout import LABELS, PICTURES, find_labels, read_name
from ml_training.data.tables import COLUMNS, SHEET, TABLE, read_samples
from ml_training.errors import TrainingError
from ml_training.files import whole_file
from tests.training.aihub_folder import COUNT, SIZE_PX, add_label, flat, pack, upright_px
from tests.training.processes import data_command, gone

REPO = Path(__file__).resolve().parents[2]
LOW_PX = (upright_px() * 1.2).round(2)


def converted(root, out, **options):
    convert(root, out, jobs=1, **options)
    return read_samples(out), json.loads((out / REPORT).read_text())


def clip(root, name="033_D00_001_F", frames=6, **options):
    for frame in range(frames):
        add_label(root, f"{name}_{550 + frame:08d}", keypoints=flat(upright_px(seed=frame)), **options)


def test_a_label_becomes_a_row_with_what_its_names_tell(tmp_path):
    add_label(tmp_path / "data", "033_D07_001_F_00000550", song="Dance (Somebody)", part="Validation", suffix=".png")
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    row = {name: getattr(samples, name)[0] for name in ("part", "song", "dancer", "clip", "view", "frame")}
    assert row == {
        "part": "Validation",
        "song": "Dance (Somebody)",
        "dancer": "D07",
        "clip": "033_D07_001_F",
        "view": "F",
        "frame": 550,
    }
    assert np.allclose(samples.xy_px[0], upright_px())
    assert samples.size_px[0].tolist() == list(SIZE_PX)
    assert (samples.conf == 1).all()
    assert read_picture(samples.root, samples.image[0]).shape == (SIZE_PX[1], SIZE_PX[0], 3)
    assert (report["labels"], report["samples"], report["skipped"]) == (1, 1, {})


def test_coordinates_that_look_like_visibilities_shift_no_joint_up_to_the_sheet(tmp_path):
    xy = upright_px()
    xy[[3, 9, 20]] = [(0, 1), (2, 50), (1, 0)]
    keypoints = flat(xy)
    keypoints[3 * 9 + 2] = HIDDEN
    add_label(tmp_path / "data", "033_D00_001_F_00000001", keypoints=keypoints)
    samples, _ = converted(tmp_path / "data", tmp_path / "out")
    assert np.allclose(samples.xy_px[0], xy)
    assert samples.visibility[0].tolist() == [HIDDEN if joint == 9 else VISIBLE for joint in range(COUNT)]
    cells = (tmp_path / "out" / SHEET).read_text().splitlines()[1].split(",")
    assert np.allclose([float(cell) for cell in cells[1:]], xy.reshape(-1))


def test_views_are_chosen_by_the_cameras_letter(tmp_path):
    for view in "FLR":
        clip(tmp_path / "data", f"033_D00_001_{view}", frames=2)
    samples, report = converted(tmp_path / "data", tmp_path / "out", views=("f", "R"))
    assert (len(samples), report["views"]) == (4, ["F", "R"])
    with pytest.raises(TrainingError, match="views F L R"):
        convert(tmp_path / "data", tmp_path / "other", views=("X",), jobs=1)


@pytest.mark.parametrize("packed", [(LABELS,), (PICTURES,), (LABELS, PICTURES)])
def test_zips_are_read_where_they_lie(tmp_path, packed):
    clip(tmp_path / "data")
    plain, _ = converted(tmp_path / "data", tmp_path / "plain")
    for tag in packed:
        pack(tmp_path / "data" / "Training" / f"{tag}Song (Artist)")
    samples, _ = converted(tmp_path / "data", tmp_path / "out")
    for name in ("xy_px", "song", "clip", "frame", "dancer", "size_px"):
        np.testing.assert_array_equal(getattr(samples, name), getattr(plain, name))
    assert read_picture(samples.root, samples.image[0]).shape == (SIZE_PX[1], SIZE_PX[0], 3)
    assert all(
        path.suffix == ".zip" for path in (tmp_path / "data" / "Training").iterdir() if path.name.startswith(packed)
    )


def test_a_label_packed_and_unpacked_counts_once(tmp_path):
    clip(tmp_path / "data", frames=3)
    pack(tmp_path / "data" / "Training" / f"{LABELS}Song (Artist)")
    clip(tmp_path / "data", frames=3)
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert (len(samples), report["labels_found_twice"]) == (3, 3)


def test_folders_written_on_a_mac_are_the_same_folders(tmp_path):
    """Its names come in decomposed letters, which look the same and compare unequal."""
    label, _ = add_label(tmp_path / "data", "033_D00_001_F_00000001", song="노래 (가수)")
    folder = label.parents[1]
    folder.rename(folder.with_name(unicodedata.normalize("NFD", folder.name)))
    samples, _ = converted(tmp_path / "data", tmp_path / "out")
    assert samples.song.tolist() == ["노래 (가수)"]


def test_names_of_another_pattern_tell_what_they_can():
    assert read_name("x/clip-B/0042.jpg").view == "B"
    assert read_name("clip_B_0042").clip == "clip_B"
    assert (read_name("x/clip-B/0042.jpg").frame, read_name("x/clip-B/0042.jpg").dancer) == (42, "")


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("missing_image", {"actual": None}),
        ("wrong_length", {"keypoints": flat(upright_px())[:-3]}),
        ("unlabelled", {"keypoints": [0] * 3 * COUNT}),
        ("outside", {"keypoints": flat(LOW_PX[:, ::-1])}),
        ("outside", {"told": None, "actual": (96, 54)}),
        ("other_size", {"actual": (SIZE_PX[1], SIZE_PX[0])}),
    ],
)
def test_a_label_that_cannot_be_used_is_left_out_and_named(tmp_path, reason, change):
    clip(tmp_path / "data", frames=2)
    label, _ = add_label(tmp_path / "data", "033_D00_001_F_00000999", **change)
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert len(samples) == 2
    assert list(report["skipped"]) == [reason]
    name = label.relative_to(tmp_path / "data").as_posix()
    assert report["skipped"][reason]["examples"] == [name]
    assert (tmp_path / "out" / LEFT_OUT).read_text().splitlines() == ["reason,label", f"{reason},{name}"]


@pytest.mark.parametrize("damage", ["truncated", "empty", "words", "picture"])
def test_a_damaged_file_is_left_out_and_named(tmp_path, damage):
    clip(tmp_path / "data", frames=2)
    label, picture = add_label(tmp_path / "data", "033_D00_001_F_00000999")
    if damage == "picture":
        picture.write_bytes(b"not a picture")
    else:
        whole = label.read_bytes()
        label.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "words": b'["a"]'}[damage])
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert len(samples) == 2
    assert list(report["skipped"]) == ["damaged_image" if damage == "picture" else "bad_label"]


def test_swapped_coordinates_that_stay_inside_are_seen_by_the_clip(tmp_path):
    """A dancer in the middle of the picture stays inside it when x and y change places: nobody dances lying all along."""
    clip(tmp_path / "data", "001_D01_001_F")
    for frame in range(6):
        xy = upright_px((SIZE_PX[1], SIZE_PX[1]), seed=frame)[:, ::-1]
        add_label(tmp_path / "data", f"002_D01_001_F_{frame:08d}", keypoints=flat(xy))
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert set(samples.clip) == {"001_D01_001_F"}
    assert report["skipped"]["sideways"]["count"] == 6


def test_a_picture_of_another_size_and_the_same_shape_takes_its_label_along(tmp_path):
    add_label(tmp_path / "data", "033_D00_001_F_00000001", actual=(SIZE_PX[0] // 3, SIZE_PX[1] // 3))
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert np.allclose(samples.xy_px[0], upright_px() / 3)
    assert samples.size_px[0].tolist() == [SIZE_PX[0] // 3, SIZE_PX[1] // 3]
    assert report["labels_scaled_to_their_picture"] == 1


def test_the_labelled_size_can_be_told(tmp_path):
    add_label(tmp_path / "data", "033_D00_001_F_00000001", told=None, actual=(96, 54))
    samples, _ = converted(tmp_path / "data", tmp_path / "out", labelled_px=SIZE_PX)
    assert np.allclose(samples.xy_px[0], upright_px() / 2)


def test_pictures_without_a_label_are_counted(tmp_path):
    clip(tmp_path / "data", frames=3)
    label, _ = add_label(tmp_path / "data", "033_D00_001_F_00000999")
    label.unlink()
    assert converted(tmp_path / "data", tmp_path / "out")[1]["pictures_without_label"] == 1


def test_a_folder_without_labels_and_labels_of_no_use_leave_nothing_behind(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainingError) as refused:
        convert(tmp_path / "empty", tmp_path / "out", jobs=1)
    assert refused.value.code == "no_labels"
    add_label(tmp_path / "data", "033_D00_001_F_00000001", actual=None)
    with pytest.raises(TrainingError, match="1 missing_image") as refused:
        convert(tmp_path / "data", tmp_path / "out", jobs=1)
    assert refused.value.code == "no_usable_labels"
    assert not (tmp_path / "out" / TABLE).exists()
    assert not (tmp_path / "out" / REPORT).exists()


def test_the_same_command_again_reads_no_label_until_one_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks.tasks_for, "__defaults__", (2,))
    clip(tmp_path / "data")
    first, _ = converted(tmp_path / "data", tmp_path / "out")
    read = []
    real = chunks.label_in
    monkeypatch.setattr(chunks, "label_in", lambda content: read.append(content) or real(content))
    converted(tmp_path / "data", tmp_path / "out")
    assert read == []
    add_label(tmp_path / "data", "033_D00_001_F_00000551", keypoints=flat(upright_px(seed=77)))
    again, _ = converted(tmp_path / "data", tmp_path / "out")
    assert len(read) == 6
    assert np.flatnonzero((again.xy_px != first.xy_px).any(axis=(1, 2))).tolist() == [1]


def test_a_stopped_conversion_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks.tasks_for, "__defaults__", (2,))
    clip(tmp_path / "data")
    real, read = chunks.label_in, []

    def stopped_at_the_fifth(content):
        if len(read) == 4:
            raise KeyboardInterrupt
        read.append(content)
        return real(content)

    monkeypatch.setattr(chunks, "label_in", stopped_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "data", tmp_path / "out", jobs=1)
    assert not (tmp_path / "out" / TABLE).exists()
    monkeypatch.setattr(chunks, "label_in", lambda content: read.append(content) or real(content))
    samples, _ = converted(tmp_path / "data", tmp_path / "out")
    assert (len(samples), len(read)) == (6, 6)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [SHEET, TABLE, REPORT]


@pytest.mark.parametrize("lost", [TABLE, SHEET, "foot"])
def test_a_table_that_is_gone_or_cut_short_is_written_again(tmp_path, lost):
    clip(tmp_path / "data")
    first, _ = converted(tmp_path / "data", tmp_path / "out")
    if lost == "foot":
        (tmp_path / "out" / TABLE).write_bytes((tmp_path / "out" / TABLE).read_bytes()[:-50])
    else:
        (tmp_path / "out" / lost).unlink()
    again, _ = converted(tmp_path / "data", tmp_path / "out")
    np.testing.assert_array_equal(again.xy_px, first.xy_px)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [SHEET, TABLE, REPORT]


def test_parts_left_by_a_kill_after_the_report_go_with_the_next_run(tmp_path):
    clip(tmp_path / "data")
    converted(tmp_path / "data", tmp_path / "out")
    (tmp_path / "out" / chunks.FOLDER).mkdir()
    (tmp_path / "out" / chunks.FOLDER / "left.npz").touch()
    converted(tmp_path / "data", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [SHEET, TABLE, REPORT]


@pytest.mark.parametrize("packed", [False, True])
def test_a_picture_that_was_replaced_is_looked_at_again(tmp_path, packed):
    clip(tmp_path / "data", frames=3)
    songs = [tmp_path / "data" / "Training" / f"{tag}Song (Artist)" for tag in (LABELS, PICTURES)]
    for folder in songs if packed else ():
        pack(folder)
    converted(tmp_path / "data", tmp_path / "out")
    for song in songs if packed else ():
        song.with_name(f"{song.name}.zip").unlink()
    clip(tmp_path / "data", frames=3, actual=(SIZE_PX[0] // 2, SIZE_PX[1] // 2))
    for folder in songs if packed else ():
        pack(folder)
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert (samples.size_px == np.array(SIZE_PX) // 2).all()
    assert report["labels_scaled_to_their_picture"] == 3


def test_flipped_bytes_in_a_zip_cost_their_own_label_only(tmp_path):
    """One in the picture's stream, one in a label's: the decompressor raises, as it does on a bad disk."""
    clip(tmp_path / "data", frames=4)
    for tag, member in ((LABELS, 1), (PICTURES, 2)):
        song = tmp_path / "data" / "Training" / f"{tag}Song (Artist)"
        pack(song)
        path = song.with_name(f"{song.name}.zip")
        with zipfile.ZipFile(path) as archive:
            head = archive.infolist()[member]
        content = bytearray(path.read_bytes())
        content[head.header_offset + 30 + len(head.filename.encode())] ^= 0xFF
        path.write_bytes(content)
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert samples.frame.tolist() == [550, 553]
    assert {reason: entry["count"] for reason, entry in report["skipped"].items()} == {
        "bad_label": 1,
        "damaged_image": 1,
    }


def test_what_could_not_be_read_is_tried_again(tmp_path, monkeypatch):
    clip(tmp_path / "data", frames=4)
    real = images.read_bytes

    def fails_at(ending):
        def read(root, name, most=None):
            if name.endswith(ending):
                raise TrainingError("unreadable_picture", "Input/output error")
            return real(root, name, most)

        return read

    for module, ending in ((images, "551.jpg"), (chunks, "552.json")):
        monkeypatch.setattr(module, "read_bytes", fails_at(ending))
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert samples.frame.tolist() == [550, 553]
    assert report["skipped"]["unreadable"]["count"] == 2
    monkeypatch.undo()
    samples, report = converted(tmp_path / "data", tmp_path / "out")
    assert (len(samples), report["skipped"]) == (4, {})


@pytest.mark.parametrize(
    ("mark", "rendered"),
    [
        (None, False),
        (("rendered.json", "{}"), True),
        (("DATA_CARD.md", "# Rendered dancers\n"), True),
        (("DATA_CARD.md", "# Filmed dancers\n"), False),
    ],
)
@pytest.mark.parametrize("below", ["", "Training"])
def test_drawn_pictures_are_known_and_stay_known_without_their_folder(tmp_path, mark, rendered, below):
    clip(tmp_path / "data", frames=2)
    if mark:
        (tmp_path / "data" / mark[0]).write_text(mark[1])
    samples, report = converted(tmp_path / "data" / below, tmp_path / "out")
    assert (samples.rendered, report["rendered"]) == (rendered, rendered)
    shutil.rmtree(tmp_path / "data")
    assert read_samples(tmp_path / "out").rendered is rendered


def test_a_part_of_drawn_data_is_known_by_its_songs(tmp_path):
    clip(tmp_path / "data", frames=2, song="song 001 (rendered)")
    assert converted(tmp_path / "data", tmp_path / "out")[0].rendered


def test_a_damaged_part_is_read_again(tmp_path):
    clip(tmp_path / "data", frames=2)
    [task] = chunks.tasks_for(tmp_path / "data", tmp_path / "out", find_labels(tmp_path / "data").labels, None)
    chunks.read_task(task)
    Path(task.part).write_bytes(Path(task.part).read_bytes()[:100])
    chunks.read_task(task)
    assert len(chunks.results([task]).reason) == 2


def test_killed_with_its_workers_at_work_it_leaves_no_table_and_no_process_and_goes_on(tmp_path):
    clip(tmp_path / "data", frames=1200)
    command = [
        sys.executable,
        "-m",
        "ml_training.data",
        "convert",
        tmp_path / "data",
        "--out",
        tmp_path / "out",
        "--jobs",
        "2",
    ]
    process = subprocess.Popen(command, cwd=REPO, stderr=subprocess.PIPE, start_new_session=True)
    parts = tmp_path / "out" / chunks.FOLDER
    deadline = time.monotonic() + 60
    while not (parts.is_dir() and list(parts.glob("*.npz"))) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert not (tmp_path / "out" / TABLE).exists()
    assert gone(process.pid)
    samples, _ = converted(tmp_path / "data", tmp_path / "out")
    assert len(samples) == 1200
    assert not parts.exists()


def test_a_full_disk_is_told_and_leaves_the_older_table(tmp_path):
    """A limit on the size of files stands for the disk: the same error at the same call."""
    clip(tmp_path / "data", frames=40)
    convert(tmp_path / "data", tmp_path / "out", jobs=1)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    clip(tmp_path / "data", "034_D00_001_F", frames=40)
    command = data_command("convert", tmp_path / "data", "--out", tmp_path / "out", "--jobs", "1")
    limit = 16_000
    full = subprocess.run(
        command,
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 2
    assert "disk_full: There is no room for" in full.stderr
    assert "Traceback" not in full.stderr
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert after == {name: content for name, content in before.items() if name in after}
    assert {TABLE, SHEET} <= set(after)


def test_a_file_that_could_not_be_written_whole_leaves_the_older_one(tmp_path):
    (tmp_path / "a").write_text("older")
    with pytest.raises(TrainingError) as refused:
        run_out_of_room(tmp_path / "a")
    assert refused.value.code == "disk_full"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "older"


def run_out_of_room(path):
    with whole_file(path) as draft:
        draft.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")


def command(*words):
    """What the command says, or the code of its refusal."""
    arguments = parse(["convert", *map(str, words)])
    try:
        arguments.run(arguments)
    except TrainingError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("source", "option"),
    [
        *((source, option) for source in ("a.json", "a.csv") for option in (("--views", "F"), ("--names", "x"))),
        ("a.json", ("--label-size", "4x3")),
        ("folder", ("--pictures", "x")),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(tmp_path, source, option):
    assert command(tmp_path / source, "--out", tmp_path / "out", *option) == "bad_option"
    assert not (tmp_path / "out").exists()


def sheet_of(root, sheet, *images):
    xy = upright_px().reshape(-1).tolist()
    for image in images:
        path = root / image
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".jpg", np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8))[1].tobytes())
    rows = [",".join(map(str, row)) for row in (COLUMNS, *([image, *xy] for image in images), ["gone.jpg", *xy])]
    sheet.write_text("\n".join(rows))


def test_a_sheet_is_judged_as_labels_are(tmp_path, capsys):
    sheet_of(tmp_path, tmp_path / "a.csv", "x/1.jpg", "x/2.jpg")
    assert command(tmp_path / "a.csv", "--out", tmp_path / "out") is None
    assert "1 missing_image" in (told := capsys.readouterr().out)
    assert "WARNING" not in told
    assert (tmp_path / "out" / LEFT_OUT).read_text().splitlines()[1] == "missing_image,line 4: gone.jpg"
    assert len(read_samples(tmp_path / "out")) == 2


def test_pictures_of_which_each_stands_alone_are_warned_of(tmp_path, capsys):
    sheet_of(tmp_path, tmp_path / "a.csv", "x/1.jpg", "y/2.jpg")
    assert command(tmp_path / "a.csv", "--out", tmp_path / "out") is None
    assert "WARNING: 2 pictures share neither" in capsys.readouterr().out


def test_the_command_says_what_was_left_out(tmp_path):
    clip(tmp_path / "data", frames=2)
    add_label(tmp_path / "data", "033_D00_001_F_00000999", actual=None)
    command = data_command("convert", tmp_path / "data", "--out", tmp_path / "out", "--jobs", "1")
    told = subprocess.run([*command, "--coco"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    assert "2 of 3 labels" in told
    assert "1 missing_image: the picture of this label is not there" in told
    coco = json.loads((tmp_path / "out" / "labels.coco.json").read_text())
    assert coco["categories"][0]["keypoints"] == list(SKELETON.joints)
    assert len(coco["annotations"]) == 2
