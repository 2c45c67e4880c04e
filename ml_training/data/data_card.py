"""The card that lies beside rendered pictures: what they are, and what they are not."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml_training.data.aihub import HIDDEN, NOT_LABELLED, VISIBLE, read_label
from ml_training.data.provenance import CARD, CARD_TITLE
from ml_training.data.rendered import FPS, PICTURES_A_CLIP, SONGS_A_DANCER, Clip, Plan, frames_of
from ml_training.files import whole_file
from ml_training.rendering.casting import VIEWS

_TEXT = """{title}

{pictures} pictures of {width} x {height} pixels with 29 joints each: {people} made-up dancers in {clips} clips, in the folders
and files of AI Hub's K-pop choreography data. **No real person, no real dance and none of AI Hub's data is in it.** Drawn by
`python -m ml_training.data render` from seed {seed}; `rendered.json` holds the whole plan, and the same plan gives the same
pictures.

| camera | clips |   | joints | share |
|---|---|---|---|---|
{table}

## What it is

- **Bodies**: MakeHuman's base mesh and shape targets (CC0), of both sexes, slim to heavy, small to tall, three origins; young
  adults all of them. Clothes are the skin's own surface, painted and stood off; hair likewise.
- **Movement**: {movement}
- **Pictures**: rooms and open air of made-up materials, furniture, up to two other people, in one clip of five something in
  the way; light, exposure, colour, blur, noise and the strength of JPEG vary. One clip in eight is closer than the picture
  is high, one in ten lies at its edge. {a_clip} pictures a clip, a third of a second to a second apart.
- **Cameras**: F before the dancer, L and R at the sides, B behind, H high before. F is the only letter known to be AI Hub's.
- **Labels**: exact, in pixels, in the order of the product's skeleton, left and right the dancer's own. v = 2 seen, 1 hidden
  by the body, by furniture or by somebody else (a surface clearly nearer than the flesh over the joint), 0 beyond the
  picture's edge, with 0, 0 for its place. Whether AI Hub labels joints beyond the edge is not known here.
- **Names**: song, dancer, take, view, frame. Each dancer has {songs} songs that are no other dancer's: a split by dancer and
  song loses nothing. `Validation/` holds the last dancers.

## What it is not

- Not real: no folds of cloth, no faces that move, no fingers that bend, hair that hangs like a cap; limbs may pass through the
  body; made-up dances have no weight. A network that does well here may do badly on people. Never report a figure from
  here as one on real dancers.
- Not AI Hub's definition of the joints: the rig's centres of rotation and points of the mesh; neck, chest, navel and the
  middle of the hips follow from shoulders, ears and hips by this product's own formulas.
- Not a measure of fairness: skin, sex and shape are drawn evenly, but they are not how people look.
- Not many pictures: those of one clip share room, clothes and light. Count dancers, not pictures.

## Terms

Bodies CC0; everything else is drawn by this repository. {captures}
"""
_AUTHORED = "made up by seed, anywhere that shoulders, elbows, hips and knees reach, on a beat of 88 to 140 a minute."


def write_card(root: Path, plan: Plan, clips: Sequence[Clip]) -> None:
    """Count what is in the folder's labels and write the card beside them."""
    views = Counter(clip.view for clip in clips)
    seen = _visibility(root, plan, clips)
    shares = [
        ("seen", np.mean(seen == VISIBLE)),
        ("hidden", np.mean(seen == HIDDEN)),
        ("beyond the picture", np.mean(seen == NOT_LABELLED)),
    ]
    left = [f"| {view} | {views[view]} | | " for view in VIEWS]
    right = [f"{name} | {share:.1%} |" for name, share in shares] if len(seen) else []
    table = "\n".join(row + (right[at] if at < len(right) else "| |") for at, row in enumerate(left))
    files = ", ".join(Path(path).name for path in plan.captures)
    text = _TEXT.format(
        title=CARD_TITLE,
        pictures=plan.pictures,
        width=plan.size_px[0],
        height=plan.size_px[1],
        people=plan.people,
        clips=len(clips),
        seed=plan.seed,
        table=table,
        movement=f"half of it {_AUTHORED} The other half: {files}." if files else _AUTHORED,
        a_clip=PICTURES_A_CLIP,
        songs=SONGS_A_DANCER,
        captures=f"The motion capture ({files}) has its owner's terms: look them up." if files else "",
    )
    if plan.video_s:
        text += _films(plan)
    with whole_file(root / CARD) as draft:
        draft.write_text(text.rstrip() + "\n", encoding="utf-8")


def _films(plan: Plan) -> str:
    return f"""
## Videos

`videos/` holds each clip as {plan.video_s:g} s of H.264 at {FPS} pictures a second, with music made for it (a beat and chords;
made-up dances keep the beat, motion capture does not), the joints' places as `.npz` and the dancer's height in `.json`.
"""


def _visibility(root: Path, plan: Plan, clips: Sequence[Clip]) -> np.ndarray:
    labels = [clip.paths(root, int(frame))[1] for clip in clips for frame in frames_of(plan, clip)]
    return np.array([read_label(path).visibility for path in labels], dtype=np.uint8)
