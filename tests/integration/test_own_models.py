"""Pose models that curators give: what is taken, what is refused and why, and what searches a clip."""

import io

import onnx
import pytest
from django.core.files import File
from django.db import transaction
from django.urls import reverse
from onnx import TensorProto, helper

from inference import isolated_models, own_models, storage
from inference.admin import PoseModelAdmin
from inference.estimators.onnx_declared import UntrueDeclaration
from inference.estimators.onnx_graph import OnnxGraph
from inference.jobs import JobFailure
from inference.leftovers import OLD_AFTER, clear_away
from inference.models import PoseModel
from tests.factories import UserFactory
from tests.integration.test_onnx_models import INPUT, OUTPUT, build, declared

pytestmark = pytest.mark.django_db

_tried = {}
"""By the content of a model, what came of trying it out."""


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        }
    }


@pytest.fixture
def curator(client):
    person = UserFactory(is_staff=True)
    client.force_login(person)
    return person


def bytes_of(tmp_path, **options):
    return build(tmp_path / "made.onnx", **options).read_bytes()


def upload(client, content, *, name="hip-hop-1", note="Second run."):
    file = io.BytesIO(content)
    file.name = "model.onnx"
    return client.post(
        reverse("admin:inference_posemodel_add"), {"name": name, "file": file, "note": note}, follow=True
    )


def kept(tmp_path, curator, *, name="hip-hop-1", **options):
    """A model in the catalogue; what its trial said is the same each time, so each content is tried once."""
    content = bytes_of(tmp_path, **options)
    file = File(io.BytesIO(content), name="model.onnx")
    if content not in _tried:
        _tried[content] = own_models.try_model(name=name, upload=file)
    return own_models.keep_model(name=name, upload=file, tried=_tried[content], note="", curator=curator)


def test_a_model_is_tried_out_kept_and_chosen(client, curator, tmp_path):
    content = bytes_of(tmp_path, metadata={**declared(), "kdance.metrics": '{"pck": 0.9}'})
    page = upload(client, content).content.decode()
    model = PoseModel.objects.get()
    assert (model.licence, model.is_active, model.added_by) == ("Apache-2.0", False, curator)
    assert storage.read_key(model.key) == content
    assert model.reading_ms > 0
    assert "{&quot;pck&quot;: 0.9}" in page
    address = reverse("admin:inference_posemodel_activate", args=[model.pk])
    assert "New clips are searched with this model." in client.post(address, follow=True).content.decode()
    model.refresh_from_db()
    assert model.is_active
    client.post(reverse("admin:inference_posemodel_deactivate", args=[model.pk]))
    model.refresh_from_db()
    assert not model.is_active


def test_only_the_note_of_a_model_can_be_changed(client, curator, tmp_path):
    model = kept(tmp_path, curator)
    address = reverse("admin:inference_posemodel_change", args=[model.pk])
    changed = {
        "note": "Better on hands.",
        "key": "videos/x",
        "name": "other",
        "is_active": "on",
        "says": "{}",
        "sha256": "0",
    }
    client.post(address, changed)
    after = PoseModel.objects.get()
    assert after.note == "Better on hands."
    for name in ("key", "name", "is_active", "says", "sha256", "size_bytes", "reading_ms", "added_by_id"):
        assert getattr(after, name) == getattr(model, name)


def external_weights():
    """A model whose weights are a file of this installation."""
    weights = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[16], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "README.md"), ("offset", "0"), ("length", "16")):
        weights.external_data.add(key=key, value=value)
    graph = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["keypoints"])],
        "thief",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 32, 32])],
        [helper.make_tensor_value_info("keypoints", TensorProto.UINT8, [16])],
        [weights],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, declared())
    return model.SerializeToString()


def ending_with(folder, *nodes, given=(), metadata=None):
    """The model of `build`, which calls its output "plain", and `nodes` that make "keypoints" of it."""
    model = onnx.load(build(folder / "made.onnx", metadata=metadata))
    model.graph.node[-1].output[0] = "plain"
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(given)
    # Of its type and shape nothing is said: the runtime finds out.
    model.graph.output[0].CopyFrom(onnx.ValueInfoProto(name="keypoints"))
    return model.SerializeToString()


def says_text(folder):
    return ending_with(folder, helper.make_node("Cast", ["plain"], ["keypoints"], to=TensorProto.STRING))


def says_a_sequence(folder):
    return ending_with(folder, helper.make_node("SequenceConstruct", ["plain"], ["keypoints"]))


def says_nothing(folder):
    plain = helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    return ending_with(folder, helper.make_node("Optional", [], ["keypoints"], type=plain))


def says_a_map_of_no_cells(folder):
    return ending_with(
        folder,
        helper.make_node("Slice", ["plain", "zero", "zero", "two"], ["nothing"]),
        helper.make_node("Unsqueeze", ["nothing", "two"], ["keypoints"]),
        given=[helper.make_tensor(name, TensorProto.INT64, [1], [value]) for name, value in (("zero", 0), ("two", 2))],
        metadata=declared(output={"kind": "heatmap", "names": ["keypoints"], "activation": "none"}),
    )


def says_it_to_two_only(folder):
    return ending_with(
        folder,
        helper.make_node("Reshape", ["plain", "shape"], ["keypoints"]),
        given=[helper.make_tensor("shape", TensorProto.INT64, [3], [2, 29, 3])],
    )


def not_utf8(content, word):
    """`content` with letters in the place of `word` that belong to no text."""
    assert word in content
    return content.replace(word, b"\xff" * len(word))


def nested(depth):
    return {**declared(), "kdance.input": f'{{"scale": {"[" * depth}{"]" * depth}, "crop": "person"}}'}


COCO_17 = ["nose", "left_eye", "right_eye"] + [f"joint_{number}" for number in range(14)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda folder: b"", "The file is empty."),
        (lambda folder: b"\x89PNG\r\n" * 99, "This is no ONNX model"),
        (lambda folder: bytes_of(folder)[:-40], "This is no ONNX model"),
        (lambda folder: external_weights(), "This is no ONNX model"),
        (lambda folder: bytes_of(folder, metadata={}), "kdance.licence is missing"),
        (lambda folder: bytes_of(folder, joints=17, metadata=declared(joints=COCO_17)), "finds other joints than"),
        (lambda folder: bytes_of(folder, joints=17), "has shape (2, 17, 3)"),
        (lambda folder: bytes_of(folder, scale=256), "not pixels"),
        (lambda folder: bytes_of(folder, metadata=declared(input={**INPUT, "size_px": 64})), "is kdance.input right"),
        (lambda folder: bytes_of(folder, metadata=declared(output={**OUTPUT, "names": ["maps"]})), "no output"),
        (lambda folder: bytes_of(folder, metadata=declared(input={**INPUT, "scale": 10**400})), "must be a number"),
        (lambda folder: bytes_of(folder, metadata=declared(input={**INPUT, "scale": 1e300})), "not finite"),
        (lambda folder: bytes_of(folder, metadata=nested(900)), "must be a number"),
        (lambda folder: bytes_of(folder, metadata=nested(100_000)), "is not JSON"),
        (lambda folder: bytes_of(folder, metadata=declared(output={"\ud800": 1})), "which is not known"),
        (
            lambda folder: bytes_of(folder, metadata={**declared(), "kdance.licence": "x" * 10**6}),
            "at most 200 letters",
        ),
        (lambda folder: not_utf8(bytes_of(folder), b"Apache-2.0"), "is not UTF-8"),
        (lambda folder: not_utf8(bytes_of(folder), b"kdance.joints"), "is not UTF-8"),
        (lambda folder: not_utf8(bytes_of(folder, metadata={}), b"keypoints"), "This is no ONNX model"),
        (says_text, "no tensor of numbers"),
        (says_a_sequence, "no tensor of numbers"),
        (says_nothing, "no tensor of numbers"),
        (says_a_map_of_no_cells, "there is nothing in it"),
        (says_it_to_two_only, "does not run on a batch of 1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason_and_not_kept(client, curator, tmp_path, content, words):
    page = upload(client, content(tmp_path))
    assert page.status_code == 200
    assert words in page.content.decode().replace("&#x27;", "'")
    assert not PoseModel.objects.exists()
    assert list(storage.stored_pose_models()) == []


def test_what_a_file_says_is_kept_in_measure(client, curator, tmp_path):
    endless = {f"kdance.note{number}" + "y" * 200: "x\0\u202e" * 10_000 for number in range(60)}
    content = bytes_of(tmp_path, metadata={**declared(), **endless})
    assert b"The model runs here" in upload(client, content).content
    says = PoseModel.objects.get().says
    assert len(says) <= 40
    assert max(map(len, says)) == 50
    assert max(map(len, says.values())) < 2001
    assert all(letter.isprintable() for value in says.values() for letter in value)


def test_a_complaint_does_not_quote_without_end(client, curator, tmp_path):
    page = upload(client, bytes_of(tmp_path, metadata=declared(input={**INPUT, "crop": "x" * 10**6})))
    assert b"must be one of person" in page.content
    assert len(page.content) < 10**5


def test_a_model_that_does_not_answer_each_time_is_refused(tmp_path, monkeypatch):
    def fail(self, values):
        raise RuntimeError("not today")

    monkeypatch.setattr(OnnxGraph, "ask", fail)
    with pytest.raises(UntrueDeclaration, match="not again"):
        isolated_models.try_out(build(tmp_path / "made.onnx"), send=pytest.fail)


def test_names_and_files_are_taken_once(client, curator, tmp_path):
    model = kept(tmp_path, curator)
    assert "This very file is here already" in upload(client, bytes_of(tmp_path), name="other").content.decode()
    other = bytes_of(tmp_path, metadata=declared(note="other"))
    assert "already exists" in upload(client, other, name=model.name).content.decode()
    assert "own engines has this name" in upload(client, other, name="blazepose-full").content.decode()
    assert "Small letters" in upload(client, other, name="../etc/x").content.decode()
    assert PoseModel.objects.count() == 1


def test_a_model_that_never_ends_or_eats_memory_is_stopped(client, curator, tmp_path, monkeypatch):
    monkeypatch.setattr(own_models, "TRIAL_TIMEOUT_S", 3.0)
    assert "took too long or too much memory" in upload(client, endless()).content.decode()
    assert not PoseModel.objects.exists()


def endless():
    """Counts to 10^15 before it answers."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["still_going"]),
            helper.make_node("Add", ["sum", "one"], ["next_sum"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("still_going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next_sum", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["often", "yes", "image"], ["keypoints"], body=body)],
        "endless",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 32, 32])],
        [helper.make_tensor_value_info("keypoints", TensorProto.FLOAT, None)],
        [
            helper.make_tensor("often", TensorProto.INT64, [], [10**15]),
            helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
        ],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, declared())
    return model.SerializeToString()


def test_only_one_model_is_active(curator, tmp_path):
    first = kept(tmp_path, curator)
    second = kept(tmp_path, curator, name="second", metadata=declared(note=2))
    own_models.activate_model(first)
    own_models.activate_model(second)
    assert list(PoseModel.objects.filter(is_active=True)) == [second]


@pytest.mark.django_db(transaction=True)
def test_a_search_gets_a_checked_copy_of_its_own(curator, tmp_path):
    assert own_models.fetch_active(tmp_path) is None
    model = kept(tmp_path, curator)
    own_models.activate_model(model)
    fetched = own_models.fetch_active(tmp_path)
    own_models.delete_model(model)
    assert fetched.name == "hip-hop-1"
    assert fetched.file.read_bytes() == bytes_of(tmp_path)
    assert own_models.fetch_active(tmp_path) is None
    assert list(storage.stored_pose_models()) == []


@pytest.mark.parametrize(
    "spoil", [lambda key: storage.save_bytes(key, b"other"), lambda key: storage.delete_keys([key])]
)
def test_a_damaged_or_missing_file_is_not_used(curator, tmp_path, spoil):
    model = kept(tmp_path, curator)
    own_models.activate_model(model)
    spoil(model.key)
    with pytest.raises(JobFailure) as raised:
        own_models.fetch_active(tmp_path)
    assert raised.value.code == "model_unusable"


@pytest.mark.django_db(transaction=True)
def test_a_model_deleted_between_row_and_file_gives_way_to_the_next(curator, tmp_path, monkeypatch):
    first = kept(tmp_path, curator)
    second = kept(tmp_path, curator, name="second", metadata=declared(note=2))
    own_models.activate_model(first)
    opened = storage.open_key

    def open_late(key):
        if key == first.key:
            own_models.delete_model(first)
            own_models.activate_model(second)
        return opened(key)

    monkeypatch.setattr(storage, "open_key", open_late)
    assert own_models.fetch_active(tmp_path).name == "second"


def delete_page(client, model):
    return client.post(reverse("admin:inference_posemodel_delete", args=[model.pk]), {"post": "yes"})


def delete_chosen(client, model):
    chosen = {"action": "delete_selected", "_selected_action": [str(model.pk)], "post": "yes"}
    return client.post(reverse("admin:inference_posemodel_changelist"), chosen)


def end_of_delete_page(monkeypatch, then):
    """Have `then` called where the page's transaction still stands open and the row is gone for it alone."""
    answered = PoseModelAdmin.response_delete

    def answer(self, *arguments):
        then()
        return answered(self, *arguments)

    monkeypatch.setattr(PoseModelAdmin, "response_delete", answer)


def end_of_deleting_chosen(monkeypatch, then):
    deleted = PoseModelAdmin.delete_queryset

    def delete(self, request, queryset):
        with transaction.atomic():
            deleted(self, request, queryset)
            then()

    monkeypatch.setattr(PoseModelAdmin, "delete_queryset", delete)


DELETIONS = pytest.mark.parametrize(
    ("delete", "before_commit"), [(delete_page, end_of_delete_page), (delete_chosen, end_of_deleting_chosen)]
)


@DELETIONS
@pytest.mark.django_db(transaction=True)
def test_the_file_of_a_deleted_model_goes_with_the_commit(
    client, curator, tmp_path, monkeypatch, delete, before_commit
):
    model = kept(tmp_path, curator)
    own_models.activate_model(model)
    seen = []

    def look():
        assert transaction.get_connection().in_atomic_block
        seen.append((PoseModel.objects.exists(), storage.size_of(model.key)))

    before_commit(monkeypatch, look)
    assert delete(client, model).status_code == 302
    assert seen == [(False, model.size_bytes)], "whoever still sees the row finds the file"
    assert not PoseModel.objects.exists()
    assert list(storage.stored_pose_models()) == []


@DELETIONS
@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_fails_leaves_the_active_model_whole(
    client, curator, tmp_path, monkeypatch, delete, before_commit
):
    model = kept(tmp_path, curator)
    own_models.activate_model(model)

    def fail():
        raise RuntimeError("the database went away")

    before_commit(monkeypatch, fail)
    with pytest.raises(RuntimeError, match="went away"):
        delete(client, model)
    assert own_models.fetch_active(tmp_path).file.stat().st_size == model.size_bytes


def test_dancers_cannot_touch_models(client, curator, tmp_path):
    model = kept(tmp_path, curator)
    client.force_login(UserFactory())
    for name in ("activate", "deactivate"):
        assert client.post(reverse(f"admin:inference_posemodel_{name}", args=[model.pk])).status_code == 302
    assert upload(client, bytes_of(tmp_path)).redirect_chain[0][0].startswith(reverse("admin:login"))
    assert client.get(reverse("admin:inference_posemodel_changelist")).status_code == 302
    model.refresh_from_db()
    assert not model.is_active


def test_files_without_a_row_go_after_a_day(curator, tmp_path, settings):
    from django.utils import timezone

    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "tmp"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    model = kept(tmp_path, curator)
    left = storage.save_bytes("models/00000000-0000-4000-8000-000000000000/model.onnx", b"x")
    clear_away(now=timezone.now() + OLD_AFTER / 2)
    assert storage.size_of(left) == 1
    clear_away(now=timezone.now() + 2 * OLD_AFTER)
    assert [key for _, keys in storage.stored_pose_models() for key in keys] == [model.key]
