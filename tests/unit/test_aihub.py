"""Labels of AI Hub's choreography data set, made up here: the data set itself may not be passed on."""

import json

import numpy as np
import pytest

from inference.pose.skeleton import SKELETON
from ml_training.data.aihub import HIDDEN, NOT_LABELLED, VISIBLE, LabelError, label_of, read_label

COUNT = len(SKELETON.joints)


def triples(**changed):
    """Joint k at (10 k + 5, 20 k + 5), all visible, but for the joints that are named."""
    values = {name: (10 * k + 5, 20 * k + 5, VISIBLE) for k, name in enumerate(SKELETON.joints)} | changed
    return [number for triple in values.values() for number in triple]


def write(path, content):
    path.write_text(json.dumps(content))
    return path


def test_a_label_file_gives_each_joint_its_place(tmp_path):
    flat = triples(left_knee=(812.5, 640.25, HIDDEN))
    label = read_label(write(tmp_path / "label.json", {"annotations": [{"keypoints": flat}]}))
    assert label.xy_px.shape == (COUNT, 2)
    assert label.xy_px[SKELETON.index("left_knee")].tolist() == [812.5, 640.25]
    assert label.xy_px[SKELETON.index("right_ear")].tolist() == [10 * (COUNT - 1) + 5, 20 * (COUNT - 1) + 5]
    assert label.visibility[SKELETON.index("left_knee")] == HIDDEN


@pytest.mark.parametrize("place", [(0, 7), (1, 2), (2, 0), (0, 0)])
def test_a_coordinate_that_looks_like_a_visibility_shifts_no_joint(place):
    """The first converter for this data set dropped every 0, 1 and 2 from the list, wherever it stood."""
    plain = label_of(triples())
    label = label_of(triples(nose=(*place, VISIBLE)))
    moved = np.flatnonzero((label.xy_px != plain.xy_px).any(axis=1))
    assert moved.tolist() == [SKELETON.index("nose")]
    assert label.xy_px[SKELETON.index("nose")].tolist() == list(place)


def test_a_joint_without_a_label_has_no_place_and_shifts_no_other():
    label = label_of(triples(left_wrist=(0, 0, NOT_LABELLED)))
    assert np.flatnonzero(np.isnan(label.xy_px).any(axis=1)).tolist() == [SKELETON.index("left_wrist")]
    assert np.flatnonzero(label.visibility == NOT_LABELLED).tolist() == [SKELETON.index("left_wrist")]


@pytest.mark.parametrize(
    ("flat", "complaint"),
    [
        ([], "shape"),
        (triples()[:-1], "shape"),
        ([*triples(), 1, 1, 2], "shape"),
        ([triples()], "shape"),
        (triples(nose=(5, 5, 3)), "visibility"),
        (triples(nose=(5, 5, 0.5)), "visibility"),
        (triples(nose=(5, 5, float("nan"))), "visibility"),
        (triples(nose=(float("nan"), 5, VISIBLE)), "finite"),
        (triples(nose=("left", 5, VISIBLE)), "numbers"),
        ("keypoints", "numbers"),
    ],
)
def test_a_list_that_is_no_label_is_refused(flat, complaint):
    with pytest.raises(LabelError, match=complaint):
        label_of(flat)


@pytest.mark.parametrize("content", [{}, [], {"annotations": []}, {"annotations": [{}]}, {"annotations": None}, 5])
def test_a_file_without_an_annotation_is_refused_by_name(tmp_path, content):
    with pytest.raises(LabelError, match=r"label\.json"):
        read_label(write(tmp_path / "label.json", content))


def test_a_file_that_is_not_json_is_refused_by_name(tmp_path):
    path = tmp_path / "label.json"
    path.write_bytes(b"\xff\xfe no json")
    with pytest.raises(LabelError, match=r"label\.json"):
        read_label(path)
