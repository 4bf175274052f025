"""Which camera motion a prompt and a seed ask for; the same inputs give the same motion."""

import math
import random
import re
from dataclasses import astuple, dataclass
from typing import Final

SLOW_WORDS: Final = frozenset({"calm", "calmly", "gentle", "gently", "slow", "slowly", "subtle"})
FAST_WORDS: Final = frozenset({"dramatic", "fast", "quick", "quickly", "storm", "stormy", "wild"})

_BASE_ZOOM: Final = 1.3
_ZOOM_SPAN: Final = 0.4
_PAN_SPAN: Final = 2.2
_SWAY_HERTZ: Final = 0.3
_SHAKE_HERTZ: Final = 2.3
_ROLL_RADIANS: Final = math.radians(4)


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera looks at one moment.

    `zoom` is at least 1 (the whole picture); `x` and `y` run from -1 (left, top) to 1 (right,
    bottom) of the room that the zoom leaves; `roll` is in radians.
    """

    zoom: float
    x: float
    y: float
    roll: float


@dataclass(frozen=True, slots=True)
class Motion:
    """How the camera moves through a clip: each part 0 for none, about 1 for plainly visible.

    Signs: `zoom` > 0 goes in, `x` > 0 right, `y` > 0 down. `phase` is in radians.
    """

    zoom: float = 0.0
    x: float = 0.0
    y: float = 0.0
    sway: float = 0.0
    roll: float = 0.0
    shake: float = 0.0
    phase: float = 0.0

    @property
    def rolls(self) -> bool:
        """Whether the camera ever leaves the upright."""
        return any((self.sway, self.roll, self.shake))

    def camera(self, second: float, seconds: float) -> Camera:
        """The camera at `second` of a clip that is `seconds` long."""
        done = second / seconds
        # Half linear, half eased: soft at both ends, yet moving from the first frame on.
        along = 0.5 * done + 0.5 * done * done * (3 - 2 * done) - 0.5
        swing = self.sway * math.sin(math.tau * _SWAY_HERTZ * second + self.phase)
        tremor = self.shake * math.sin(math.tau * _SHAKE_HERTZ * second + self.phase)
        jolt = self.shake * math.sin(math.tau * 1.7 * _SHAKE_HERTZ * second + 2 * self.phase)
        return Camera(
            zoom=_BASE_ZOOM * math.exp(math.tanh(self.zoom) * _ZOOM_SPAN * along),
            x=math.tanh(_PAN_SPAN * self.x * along + 0.6 * swing + 0.15 * tremor),
            y=math.tanh(_PAN_SPAN * self.y * along + 0.15 * jolt),
            roll=_ROLL_RADIANS * (self.roll * 2 * along + 0.3 * swing + 0.1 * tremor),
        )


_MOVES: Final = (
    (frozenset({"approach", "closer", "forward", "zoom"}), Motion(zoom=1)),
    (frozenset({"away", "back", "backward", "out", "reveal"}), Motion(zoom=-1)),
    (frozenset({"left", "leftward", "leftwards"}), Motion(x=-1)),
    (frozenset({"right", "rightward", "rightwards"}), Motion(x=1)),
    (frozenset({"fly", "flying", "rise", "rises", "rising", "up"}), Motion(y=-1)),
    (frozenset({"down", "fall", "falling", "falls", "sink", "sinking"}), Motion(y=1)),
    (frozenset({"breeze", "sea", "sway", "swaying", "water", "waves", "wind"}), Motion(sway=1)),
    (frozenset({"roll", "rolling", "rotate", "spin", "tilt", "turn", "turning"}), Motion(roll=1)),
    (frozenset({"earthquake", "shake", "shaking", "storm", "stormy"}), Motion(shake=1, sway=0.5)),
)


def choose_motion(prompt: str, negative_prompt: str, seed: int) -> Motion:
    """The motion that the words ask for, varied by the seed; a move of its choice without any.

    A move named in the negative prompt is never chosen.
    """
    words, unwanted = _words(prompt), _words(negative_prompt)
    # Seeding with a string is stable across processes and releases; with a hash it is not.
    chance = random.Random(f"{seed}|{prompt}|{negative_prompt}")
    allowed = [move for names, move in _MOVES if not names & unwanted]
    asked = [move for names, move in _MOVES if names & words and not names & unwanted]
    if Motion(zoom=-1) in asked and Motion(zoom=1) in asked:
        asked.remove(Motion(zoom=1))  # "zoom out" names both
    moves = asked or [chance.choice(allowed)] if allowed else []
    return _varied(moves, _speed(words), chance)


def _varied(moves: list[Motion], speed: float, chance: random.Random) -> Motion:
    strength = speed * chance.uniform(0.8, 1.2)
    zoom, x, y, sway, roll, shake, _ = (
        strength * sum(part) for part in zip(*map(astuple, [*moves, Motion()]), strict=True)
    )
    turn = chance.choice((-1, 1))
    return Motion(
        zoom=zoom + 0.25 * chance.choice((-1, 1)) * speed,
        x=x + chance.uniform(-0.35, 0.35) * speed,
        y=y + chance.uniform(-0.35, 0.35) * speed,
        sway=sway,
        roll=roll * turn,
        shake=shake,
        phase=chance.uniform(0, math.tau),
    )


def _speed(words: frozenset[str]) -> float:
    if words & SLOW_WORDS:
        return 0.5
    return 1.6 if words & FAST_WORDS else 1.0


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", text.lower()))
