"""What the 3D view uses of three.js, in one small file under static/vendor/."""

import json
import shutil
import subprocess
from pathlib import Path

from kdance_site.node_tools import node_command

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = REPOSITORY / "node_modules"
THREE = PACKAGES / "three"
ESBUILD = PACKAGES / "esbuild" / "bin" / "esbuild"
TARGET = REPOSITORY / "static" / "vendor" / "three"

USED = """
Bone, BufferAttribute, BufferGeometry, CircleGeometry, Color, DirectionalLight, DoubleSide, Group, HemisphereLight,
Matrix4, Mesh, MeshBasicMaterial, MeshStandardMaterial, PerspectiveCamera, Scene, ShaderMaterial, Skeleton, SkinnedMesh,
Vector4, WebGLRenderer
"""
"""Names that static/js/player/space-scene.js uses; a browser fetches nothing else of three.js."""


def bundle_three(source: Path = THREE, target: Path = TARGET) -> None:
    """Bundle the names in `USED` with esbuild: as published, three.js is three times as much to fetch."""
    node = node_command("node")
    if node is None:
        raise FileNotFoundError("Node is needed to bundle three.js: run `make setup`.")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    wanted = f"export {{{USED}}} from {json.dumps(str(source / 'build' / 'three.module.js'))};"
    options = ["--bundle", "--minify", "--format=esm", "--legal-comments=inline", "--log-level=warning"]
    command = [*node, str(ESBUILD), *options, f"--outfile={target / 'three.js'}"]
    subprocess.run(command, input=wanted, text=True, check=True, cwd=REPOSITORY)
    shutil.copy(source / "LICENSE", target / "LICENSE.txt")
