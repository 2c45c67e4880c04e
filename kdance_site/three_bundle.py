"""What the 3D view uses of three.js, in one small file under static/vendor/."""

import shutil
from pathlib import Path

from kdance_site.bundling import PACKAGES, REPOSITORY, bundle

THREE = PACKAGES / "three"
TARGET = REPOSITORY / "static" / "vendor" / "three"

USED = """
Bone, BufferAttribute, BufferGeometry, CircleGeometry, Color, DirectionalLight, DoubleSide, Group, HemisphereLight,
Matrix4, Mesh, MeshBasicMaterial, MeshStandardMaterial, PerspectiveCamera, Scene, ShaderMaterial, Skeleton, SkinnedMesh,
Vector4, WebGLRenderer
"""
"""Names that static/js/player/space-scene.js uses; a browser fetches nothing else of three.js."""


def bundle_three(source: Path = THREE, target: Path = TARGET) -> None:
    """Bundle the names in `USED`: as published, three.js is three times as much to fetch."""
    bundle(USED, source / "build" / "three.module.js", target / "three.js")
    shutil.copy(source / "LICENSE", target / "LICENSE.txt")
