"""The browser's pose engine as it is put together at set-up."""

import io
import zipfile

import pytest
from ai_edge_litert import schema_py_generated as tflite

from choreography.queries.engine_assets import engine_assets
from inference.task_bundle import task_bundle
from inference.weights import DEFAULT_SOURCE, browser_graphs
from kdance_site.vision_bundle import VISION, VendorError, build_vision


@pytest.fixture(scope="module")
def lite():
    return task_bundle(*browser_graphs(DEFAULT_SOURCE, "lite"))


def test_a_bundle_holds_both_graphs_uncompressed_with_metadata(lite):
    with zipfile.ZipFile(io.BytesIO(lite)) as bundle:
        assert [(each.filename, each.compress_type) for each in bundle.infolist()] == [
            ("pose_detector.tflite", zipfile.ZIP_STORED),
            ("pose_landmarks_detector.tflite", zipfile.ZIP_STORED),
        ]
        models = [tflite.ModelT.InitFromPackedBuf(bundle.read(name), 0) for name in bundle.namelist()]
    for model, outputs in zip(models, (2, 5), strict=True):
        (entry,) = model.metadata
        assert entry.name == b"TFLITE_METADATA"
        assert bytes(model.buffers[entry.buffer].data[4:8]) == b"M001"
        assert len(model.subgraphs[0].outputs) == outputs


def test_the_mask_is_cut_off_and_the_same_graphs_give_the_same_bytes(lite):
    whole = (DEFAULT_SOURCE / "pose_landmark_lite.tflite").read_bytes()
    with zipfile.ZipFile(io.BytesIO(lite)) as bundle:
        assert 0.9 * len(whole) < len(bundle.read("pose_landmarks_detector.tflite")) < len(whole) + 2000
        cut = tflite.ModelT.InitFromPackedBuf(bundle.read("pose_landmarks_detector.tflite"), 0)
    assert len(cut.subgraphs[0].operators) < len(tflite.ModelT.InitFromPackedBuf(whole, 0).subgraphs[0].operators)
    assert task_bundle(*browser_graphs(DEFAULT_SOURCE, "lite")) == lite


def test_what_is_served_reports_to_nobody(tmp_path):
    """Its address stays in the code; nothing calls it any more."""
    target = tmp_path / "vision"
    build_vision(target=target)
    served = (target / "vision_bundle.mjs").read_text()
    assert "setInterval" not in served
    assert "sourceMappingURL" not in served
    assert {path.name for path in target.iterdir()} >= {
        address.rsplit("/", 1)[1] for address in _addresses(engine_assets()) if "vision" in address
    }


def test_a_bundle_that_reports_in_another_way_is_refused(tmp_path):
    (tmp_path / "vision_bundle.mjs").write_text((VISION / "vision_bundle.mjs").read_text().replace("6e4", "5e4"))
    with pytest.raises(VendorError, match="reports its use"):
        build_vision(source=tmp_path, target=tmp_path / "out")


def _addresses(assets):
    return [assets] if isinstance(assets, str) else [a for value in assets.values() for a in _addresses(value)]
