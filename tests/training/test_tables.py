"""Samples to files and back: Parquet keeps everything, the sheet its 59 columns, COCO its keypoints."""

import json
import shutil
from dataclasses import fields, replace

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import HIDDEN, NOT_LABELLED, VISIBLE
from ml_training.data.coco import read_coco, write_coco
from ml_training.data.samples import Samples
from ml_training.data.tables import COLUMNS, TABLE, read_csv, read_samples, write_csv, write_samples
from ml_training.errors import TrainingError
from tests.training.aihub_folder import COUNT, SIZE_PX, upright_px

COCO_17 = [
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow"),
    *("right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle"),
    "right_ankle",
]


@pytest.fixture
def samples(tmp_path):
    """Four pictures of two clips; a joint hidden, one not labelled, and a coordinate of 0."""
    stems = [f"{clip:03d}_D0{clip}_001_F_{frame:08d}" for clip in (1, 2) for frame in (7, 8)]
    images = [f"Training/[원천]Song {stem[2]} (가수)/{stem[:13]}/{stem}.jpg" for stem in stems]
    xy = np.array([upright_px(seed=row) for row in range(4)], np.float32)
    seen = np.full((4, COUNT), VISIBLE, np.uint8)
    xy[0, 3], seen[0, 3] = np.nan, NOT_LABELLED
    xy[1, 4], seen[1, 4] = (0, 17.25), HIDDEN
    for image in images:
        path = tmp_path / "data" / image
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".jpg", np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8))[1].tobytes())
    return Samples(
        image=np.array(images),
        xy_px=xy,
        visibility=seen,
        conf=np.linspace(0, 1, 4 * COUNT, dtype=np.float32).reshape(4, COUNT),
        size_px=np.tile(np.array(SIZE_PX, np.int32), (4, 1)),
        part=np.array(["Training"] * 4),
        song=np.array([f"Song {stem[2]} (가수)" for stem in stems]),
        dancer=np.array([stem[4:7] for stem in stems]),
        clip=np.array([stem[:13] for stem in stems]),
        view=np.array(["F"] * 4),
        frame=np.array([7, 8, 7, 8], np.int32),
        root=(tmp_path / "data").as_posix(),
    )


def assert_same(one, other, but=()):
    for name in {field.name for field in fields(Samples)} - set(but):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_the_table_brings_everything_back(samples, tmp_path):
    write_samples(samples, tmp_path / "out")
    back = read_samples(tmp_path / "out")
    assert_same(back, samples)
    assert back.xy_px.dtype == back.conf.dtype == np.float32


def test_a_table_moved_along_with_its_pictures_finds_them(samples, tmp_path):
    write_samples(samples, tmp_path / "out")
    (tmp_path / "elsewhere").mkdir()
    for name in ("out", "data"):
        shutil.move(tmp_path / name, tmp_path / "elsewhere" / name)
    assert read_samples(tmp_path / "elsewhere" / "out").root == (tmp_path / "elsewhere" / "data").as_posix()


def test_the_sheet_has_59_columns_in_the_order_of_the_joints(samples, tmp_path):
    write_csv(samples, tmp_path / "labels.csv")
    rows = [line.split(",") for line in (tmp_path / "labels.csv").read_text().splitlines()]
    assert [cell.strip('"') for cell in rows[0]] == list(COLUMNS)
    assert {len(row) for row in rows} == {59}
    assert rows[1][1 + 2 * 3 : 3 + 2 * 3] == ["", ""]
    assert float(rows[2][COLUMNS.index("left_bigtoe_y")]) == 17.25


def test_the_sheet_brings_back_what_it_holds(samples, tmp_path):
    write_csv(samples, tmp_path / "labels.csv")
    back, skipped, scaled = read_csv(tmp_path / "labels.csv", tmp_path / "data")
    assert (skipped, scaled) == ({}, 0)
    assert_same(back, samples, but=("visibility", "conf"))
    assert ((back.visibility > 0) == (samples.visibility > 0)).all()


def test_a_sheet_of_the_first_converter_is_read(samples, tmp_path):
    """It wrote `left_bigtoe_X`, its columns may come in any order, and a joint it could not place lay at (0, 0)."""
    write_csv(samples.take([0]), tmp_path / "ours.csv")
    header, row = [line.split(",") for line in (tmp_path / "ours.csv").read_text().splitlines()]
    header = [name.strip('"').replace("left_bigtoe_x", "left_bigtoe_X") for name in header]
    row[COLUMNS.index("nose_x")] = row[COLUMNS.index("nose_y")] = "0"
    (tmp_path / "theirs.csv").write_text(f"{','.join(header[::-1])}\n{','.join(row[::-1])}\n")
    back, _, _ = read_csv(tmp_path / "theirs.csv", tmp_path / "data", SIZE_PX)
    assert (back.xy_px[0, 4] == samples.xy_px[0, 4]).all()
    unlabelled = [SKELETON.joints[k] for k in np.flatnonzero(back.visibility[0] == NOT_LABELLED)]
    assert unlabelled == [SKELETON.joints[3], "nose"]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("cut", "damaged_samples"),
        ("other file", "damaged_samples"),
        ("other joints", "other_skeleton"),
        ("missing", "no_samples"),
    ],
)
def test_a_table_that_is_not_ours_or_not_whole_is_refused(samples, tmp_path, damage, code):
    write_samples(samples, tmp_path)
    table = tmp_path / TABLE
    if damage == "cut":
        table.write_bytes(table.read_bytes()[:-100])
    elif damage == "other file":
        table.write_text("image,x,y")
    elif damage == "other joints":
        content = pq.read_table(table)
        noted = {key: note.replace(b"left_bigtoe", b"left_heel") for key, note in content.schema.metadata.items()}
        pq.write_table(content.replace_schema_metadata(noted), table)
    else:
        table.unlink()
    with pytest.raises(TrainingError) as refused:
        read_samples(tmp_path)
    assert refused.value.code == code


def test_a_sheet_without_a_column_is_refused(samples, tmp_path):
    write_csv(samples, tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_text((tmp_path / "labels.csv").read_text().replace("nose_y", "nose_z"))
    with pytest.raises(TrainingError, match="no column nose_y") as refused:
        read_csv(tmp_path / "labels.csv", tmp_path / "data")
    assert refused.value.code == "bad_sheet"


def cut_off(rows):
    rows[1] = rows[1].rpartition(",")[0]


def no_number(rows):
    rows[1] = rows[1].replace("17.25", "abc")


def endless(rows):
    rows[1] = rows[1].replace("17.25", "inf")


def no_picture(rows):
    rows[1] = rows[1].replace(".jpg", ".jpeg")


def nothing_labelled(rows):
    rows[1] = rows[1].split(",")[0] + "," * 58


def far_off(rows):
    rows[1] = rows[1].replace("17.25", "1725")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut_off, "wrong_length"),
        (no_number, "bad_label"),
        (endless, "bad_label"),
        (no_picture, "missing_image"),
        (nothing_labelled, "unlabelled"),
        (far_off, "outside"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_and_named(samples, tmp_path, damage, reason):
    write_csv(samples, tmp_path / "labels.csv")
    header, *rows = (tmp_path / "labels.csv").read_text().splitlines()
    damage(rows)
    (tmp_path / "labels.csv").write_text("\n".join([header, *rows]))
    back, skipped, _ = read_csv(tmp_path / "labels.csv", tmp_path / "data")
    assert_same(back, samples.take([0, 2, 3]), but=("visibility", "conf"))
    assert list(skipped) == [reason]
    assert [name.partition(":")[0] for name in skipped[reason]] == ["line 3"]


def test_rows_of_a_clip_whose_x_and_y_are_swapped_are_left_out(samples, tmp_path):
    swapped = [upright_px((SIZE_PX[1], SIZE_PX[1]), seed=row)[:, ::-1] for row in range(6)]
    clip = samples.take([0] * 6)
    write_csv(replace(clip, xy_px=np.array(swapped, np.float32)), tmp_path / "labels.csv")
    back, skipped, _ = read_csv(tmp_path / "labels.csv", tmp_path / "data")
    assert len(back) == 0
    assert [name.partition(":")[0] for name in skipped["sideways"]] == [f"line {line}" for line in range(2, 8)]


def test_the_labelled_size_of_a_sheet_scales_its_rows(samples, tmp_path):
    doubled = replace(samples, xy_px=samples.xy_px * 2)
    write_csv(doubled, tmp_path / "labels.csv")
    back, skipped, scaled = read_csv(tmp_path / "labels.csv", tmp_path / "data", (SIZE_PX[0] * 2, SIZE_PX[1] * 2))
    np.testing.assert_allclose(back.xy_px, samples.xy_px)
    assert (skipped, scaled) == ({}, 4)


@pytest.mark.parametrize("rendered", [False, True])
def test_drawn_pictures_stay_drawn_in_tables_and_in_coco(samples, tmp_path, rendered):
    marked = replace(samples, rendered=rendered)
    write_samples(marked, tmp_path / "out")
    write_coco(marked, tmp_path / "coco.json")
    assert read_samples(tmp_path / "out").rendered is rendered
    assert read_samples(tmp_path / "out").take([1]).rendered is rendered
    assert read_coco(tmp_path / "coco.json", tmp_path / "data")[0].rendered is rendered


def test_a_table_of_before_looks_at_its_pictures_folder(samples, tmp_path):
    write_samples(samples, tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / TABLE)
    noted = {key: note.replace(b'"rendered": false, ', b"") for key, note in table.schema.metadata.items()}
    assert noted != table.schema.metadata
    pq.write_table(table.replace_schema_metadata(noted), tmp_path / "out" / TABLE)
    assert not read_samples(tmp_path / "out").rendered
    (tmp_path / "data" / "rendered.json").write_text("{}")
    assert read_samples(tmp_path / "out").rendered


def test_coco_brings_back_all_but_the_confidence(samples, tmp_path):
    write_coco(samples, tmp_path / "coco.json")
    back, skipped, _ = read_coco(tmp_path / "coco.json", tmp_path / "data")
    assert_same(back, samples, but=("conf",))
    assert skipped == {}


def coco_person(tmp_path, keypoints, names=COCO_17, size=None, **more):
    picture = cv2.imencode(".jpg", np.zeros((400, 600, 3), np.uint8))[1].tobytes()
    (tmp_path / "1.jpg").write_bytes(picture)
    image = {"id": 1, "file_name": "1.jpg"} | (size or {"width": 600, "height": 400})
    person = {"id": 5, "image_id": 1, "category_id": 7, "keypoints": keypoints} | more
    told = {"images": [image], "annotations": [person], "categories": [{"id": 7, "name": "person", "keypoints": names}]}
    (tmp_path / "coco.json").write_text(json.dumps(told))
    return read_coco(tmp_path / "coco.json", tmp_path)


def test_a_coco_person_of_17_keypoints_gives_18_of_our_joints(tmp_path):
    keypoints = [number for k in range(17) for number in (10 + k, 20 + 2 * k, 2)]
    samples, _, _ = coco_person(tmp_path, keypoints)
    for k, name in enumerate(COCO_17):
        assert samples.xy_px[0, SKELETON.index(name)].tolist() == [10 + k, 20 + 2 * k]
    assert samples.xy_px[0, SKELETON.index("center_hip")].tolist() == [10 + 11.5, 20 + 23]
    labelled = {SKELETON.joints[k] for k in np.flatnonzero(samples.visibility[0])}
    assert labelled == {*COCO_17, "center_hip"}


def test_toes_of_coco_wholebody_find_their_feet(tmp_path):
    keypoints = [number for k in range(17) for number in (10 + k, 20, 2)]
    feet = [number for k in range(6) for number in (100 + k, 300, 1)]
    samples, _, _ = coco_person(tmp_path, keypoints, foot_kpts=feet)
    toes = ["left_bigtoe", "left_littletoe", "right_bigtoe", "right_littletoe"]
    assert [samples.xy_px[0, SKELETON.index(toe), 0] for toe in toes] == [100, 101, 103, 104]


@pytest.mark.parametrize(
    ("keypoints", "more", "reason"),
    [
        ([0] * 51, {}, "unlabelled"),
        ([1] * 50, {}, "wrong_length"),
        ([10, 10, 2] * 17, {"iscrowd": 1}, "crowd"),
        ([10, 10, 2] * 17, {"image_id": 9}, "missing_image"),
        ([650, 10, 2] * 17, {}, "outside"),
        (["10", "10", "2"] * 17, {}, "bad_label"),
        ([10, 10, 2] * 17, {"size": {"width": 600}}, "bad_label"),
        ([10, 10, 2] * 17, {"size": {"width": "600", "height": "400"}}, "bad_label"),
        ([10, 10, 2] * 17, {"size": {"width": 0, "height": 400}}, "bad_label"),
    ],
)
def test_people_of_coco_that_cannot_be_used_are_named_with_the_reason(tmp_path, keypoints, more, reason):
    samples, skipped, _ = coco_person(tmp_path, keypoints, **more)
    assert len(samples) == 0
    assert skipped == {reason: ["annotation 5"]}


@pytest.mark.parametrize("size", [{"width": 0, "height": 0}, {"width": None}])
def test_a_coco_image_that_tells_no_size_has_that_of_its_picture(tmp_path, size):
    samples, skipped, scaled = coco_person(tmp_path, [10, 10, 2] * 17, size=size)
    assert (samples.size_px.tolist(), skipped, scaled) == ([[600, 400]], {}, 0)


def coco_of(tmp_path, *images):
    """Samples of a COCO file whose images tell this about themselves, with a person in each."""
    keypoints = [10, 10, 2] * 17
    entries = [{"id": number, "file_name": f"{number}.jpg"} | told for number, told in enumerate(images)]
    for entry in entries:
        path = tmp_path / entry["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".jpg", np.zeros((40, 60, 3), np.uint8))[1].tobytes())
    people = [{"id": k, "image_id": k, "category_id": 1, "keypoints": keypoints} for k in range(len(images))]
    told = {"images": entries, "annotations": people, "categories": [{"id": 1, "keypoints": COCO_17}]}
    (tmp_path / "coco.json").write_text(json.dumps(told))
    return read_coco(tmp_path / "coco.json", tmp_path)[0]


def test_images_cut_from_videos_stay_together_by_their_video_or_their_folder(tmp_path):
    samples = coco_of(
        tmp_path,
        {"file_name": "a/0.jpg", "video_id": 7},
        {"file_name": "b/1.jpg", "vid_id": 7},
        {"file_name": "a/2.jpg"},
        {"file_name": "a/3.jpg"},
        {"file_name": "4.jpg"},
        {"file_name": "a/5.jpg", "song": "S", "dancer": "D", "frame": "no number"},
    )
    expected = ["video 7", "video 7", "a", "a", "image 4"]
    assert samples.song.tolist() == [*expected, "S"]
    assert samples.dancer.tolist() == [*expected, "D"]
    assert samples.clip.tolist() == [*expected, "a"]


def test_a_folder_that_all_images_lie_in_tells_nothing(tmp_path):
    samples = coco_of(tmp_path, {"file_name": "all/0.jpg"}, {"file_name": "all/1.jpg"})
    assert samples.song.tolist() == ["image 0", "image 1"]


@pytest.mark.parametrize("content", ["{", "[]", '{"images": [], "annotations": [], "categories": [{"id": 1}]}'])
def test_what_is_no_coco_file_is_refused(tmp_path, content):
    (tmp_path / "coco.json").write_text(content)
    with pytest.raises(TrainingError) as refused:
        read_coco(tmp_path / "coco.json", tmp_path)
    assert refused.value.code == "bad_coco"
