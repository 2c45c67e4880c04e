"""Small pictures for the documentation, as SVG: charts and stick figures that can be read on light and on dark pages.

They bring their own background, because a page may be dark where the reader's system is light.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]

_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .paper { fill: #ffffff } .mist { fill: #59636e } .grid { stroke: #d1d9e0; fill: none }
  .guide { stroke: #0b8f78 } .me { stroke: #d6336c } .wrong { stroke: #a86400 } .ink { stroke: #1f2328 }
  .line { fill: none; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round }
  .dash { stroke-dasharray: 6 5 } .faint { opacity: 0.55 }
  rect.guide, circle.guide { fill: #0b8f78; stroke: none } rect.me, circle.me { fill: #d6336c; stroke: none }
  rect.wrong { fill: #a86400; stroke: none } rect.unknown { fill: #59636e; opacity: 0.16 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f4f1ea } .paper { fill: #15171f } .mist { fill: #a3a8b8 } .grid { stroke: #2c3040 }
    .guide { stroke: #3ddfc1 } .me { stroke: #ff6b8b } .wrong { stroke: #ffb536 } .ink { stroke: #f4f1ea }
    rect.guide, circle.guide { fill: #3ddfc1 } rect.me, circle.me { fill: #ff6b8b } rect.wrong { fill: #ffb536 }
    rect.unknown { fill: #a3a8b8 }
  }
"""


@dataclass
class Picture:
    """Elements drawn one over the other; `title` is read out instead of them. Pixels, y down."""

    width: int
    height: int
    title: str
    _parts: list[str] = field(default_factory=list)

    def line(self, points: Iterable[Point], style: str) -> None:
        self._parts.append(f'<polyline class="line {style}" points="{_joined(points)}"/>')

    def thin(self, start: Point, end: Point) -> None:
        self._parts.append(f'<polyline class="grid" points="{_joined((start, end))}"/>')

    def box(self, corner: Point, width: float, height: float, style: str) -> None:
        at = f'x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self._parts.append(f'<rect class="{style}" {at}/>')

    def dot(self, centre: Point, radius: float, style: str) -> None:
        self._parts.append(f'<circle class="{style}" cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:g}"/>')

    def text(self, at: Point, words: str, *, anchor: str = "start", style: str = "") -> None:
        self._parts.append(
            f'<text class="{style}" x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}">{words}</text>'
        )

    def __str__(self) -> str:
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img">',
            f"<title>{self.title}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{self.width}" height="{self.height}" rx="8"/>',
            *self._parts,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


@dataclass
class Chart:
    """Axes in a picture, from `low` to `high` (x, y) in the units of the data."""

    picture: Picture
    low: Point
    high: Point
    left: float = 56.0
    right: float = 24.0
    top: float = 40.0
    bottom: float = 52.0

    def at(self, x: float, y: float) -> Point:
        across = (x - self.low[0]) / (self.high[0] - self.low[0])
        up = (y - self.low[1]) / (self.high[1] - self.low[1])
        width = self.picture.width - self.left - self.right
        height = self.picture.height - self.top - self.bottom
        return self.left + across * width, self.top + (1.0 - up) * height

    def axes(self, x_ticks: Sequence[float], y_ticks: Sequence[float], x_name: str, y_name: str) -> None:
        for tick in y_ticks:
            self.picture.thin(self.at(self.low[0], tick), self.at(self.high[0], tick))
            x, y = self.at(self.low[0], tick)
            self.picture.text((x - 8, y + 4), f"{tick:g}", anchor="end", style="mist")
        for tick in x_ticks:
            x, y = self.at(tick, self.low[1])
            self.picture.text((x, y + 20), f"{tick:g}", anchor="middle", style="mist")
        x, y = self.at(self.high[0], self.low[1])
        self.picture.text((x, y + 40), x_name, anchor="end")
        self.picture.text((12, 22), y_name)

    def line(self, points: Iterable[Point], style: str) -> None:
        self.picture.line((self.at(*point) for point in points), style)


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
