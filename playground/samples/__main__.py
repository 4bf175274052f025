"""Draws the sample pictures anew, beside this file; the same ones every time."""

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from PIL import Image, ImageDraw, ImageFilter

Colour: TypeAlias = tuple[int, int, int]
Draw: TypeAlias = Callable[[Image.Image, random.Random], None]

FOLDER: Final = Path(__file__).parent
QUALITY: Final = 82
"""Of the JPEGs: no blocks to be seen, all together well below 300 kB."""

_OVERSAMPLING: Final = 2


def main() -> None:
    """Write every picture."""
    for name, (size, draw) in PICTURES.items():
        big = (size[0] * _OVERSAMPLING, size[1] * _OVERSAMPLING)
        image = Image.new("RGB", big)
        draw(image, random.Random(name))
        smooth = image.resize(size, Image.Resampling.LANCZOS)
        smooth.save(FOLDER / f"{name}.jpg", quality=QUALITY, optimize=True, progressive=True)


def harbour(image: Image.Image, chance: random.Random) -> None:
    """A sun going down behind hills, its light on the water, two boats."""
    width, height = image.size
    horizon = round(height * 0.58)
    _sky(image, [(38, 24, 84), (196, 72, 110), (255, 164, 92), (255, 226, 160)], 0, horizon)
    _glow(image, (round(width * 0.63), round(horizon * 0.86)), width // 18, (255, 240, 200))
    for share, colour in ((0.34, (124, 62, 112)), (0.22, (88, 44, 98)), (0.12, (54, 30, 78))):
        _hills(image, horizon, height * share, colour, chance)
    _sky(image, [(240, 150, 104), (128, 66, 112), (36, 24, 72)], horizon, height)
    _ripples(image, horizon, (255, 214, 150), chance)
    _boat(image, width * 0.24, height * 0.72, width * 0.10)
    _boat(image, width * 0.78, height * 0.65, width * 0.05)


def balloons(image: Image.Image, chance: random.Random) -> None:
    """Hot-air balloons in the morning over a valley."""
    width, height = image.size
    _sky(image, [(72, 146, 214), (150, 204, 236), (252, 236, 214)], 0, height)
    for share, colour in ((0.40, (150, 178, 190)), (0.28, (98, 146, 128)), (0.16, (58, 104, 78))):
        _hills(image, height, height * share, colour, chance)
    stripes: list[tuple[Colour, Colour]] = [
        ((226, 62, 70), (255, 214, 92)),
        ((64, 92, 190), (244, 244, 250)),
        ((240, 138, 52), (122, 58, 150)),
    ]
    places = ((0.42, 0.30, 0.25), (0.78, 0.50, 0.12), (0.17, 0.60, 0.09))
    for (x, y, size), colours in zip(places, stripes, strict=True):
        _balloon(image, (width * x, height * y), width * size, colours)


def lights(image: Image.Image, chance: random.Random) -> None:
    """Northern lights and stars over a snowy forest, and a cabin with one window lit."""
    width, height = image.size
    _sky(image, [(6, 10, 34), (12, 32, 66), (34, 74, 96)], 0, height)
    pen = ImageDraw.Draw(image)
    for _ in range(260):
        x, y, size = chance.randrange(width), chance.randrange(height * 2 // 3), chance.random()
        pen.ellipse((x, y, x + 1 + 3 * size, y + 1 + 3 * size), fill=(230, 236, 255))
    _aurora(image, chance)
    pen = ImageDraw.Draw(image)
    for row, colour in ((0.74, (18, 44, 58)), (0.78, (10, 26, 38))):
        for _ in range(46):
            _tree(
                pen,
                chance.randrange(width),
                height * row,
                height * chance.uniform(0.1, 0.2),
                colour,
            )
    _hills(image, height, height * 0.2, (206, 222, 238), chance)
    _cabin(image, width * 0.62, height * 0.87, width * 0.12)


PICTURES: Final[dict[str, tuple[tuple[int, int], Draw]]] = {
    "harbour": ((1280, 720), harbour),
    "balloons": ((720, 1280), balloons),
    "lights": ((960, 960), lights),
}
"""Size in pixels and painter by file name."""


def _sky(image: Image.Image, colours: list[Colour], top: int, bottom: int) -> None:
    pen = ImageDraw.Draw(image)
    for y in range(top, bottom):
        place = (y - top) / max(1, bottom - top - 1) * (len(colours) - 1)
        index = min(int(place), len(colours) - 2)
        pen.line(
            (0, y, image.width, y), fill=_mix(colours[index], colours[index + 1], place - index)
        )


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _glow(image: Image.Image, at: tuple[int, int], radius: int, colour: Colour) -> None:
    light = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(light)
    for factor, strength in ((3.2, 70), (1.8, 110), (1.0, 255)):
        size = radius * factor
        pen.ellipse((at[0] - size, at[1] - size, at[0] + size, at[1] + size), fill=strength)
    image.paste(colour, mask=light.filter(ImageFilter.GaussianBlur(radius / 5)))


def _hills(
    image: Image.Image, ground: float, height: float, colour: Colour, chance: random.Random
) -> None:
    waves = [
        (chance.uniform(1, 5), chance.uniform(0, 6.3), chance.uniform(0.1, 0.4)) for _ in range(4)
    ]
    outline = [
        (
            x,
            ground
            - height
            * (0.6 + sum(s * math.sin(x / image.width * f * 3 + p) for f, p, s in waves) / 2),
        )
        for x in range(0, image.width + 8, 8)
    ]
    ImageDraw.Draw(image).polygon([(0, ground), *outline, (image.width, ground)], fill=colour)


def _ripples(image: Image.Image, horizon: int, colour: Colour, chance: random.Random) -> None:
    light = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(light)
    for _ in range(420):
        depth = chance.random() ** 1.6
        y = horizon + depth * (image.height - horizon)
        length = (0.008 + 0.05 * depth) * image.width
        x = image.width * (0.63 + chance.gauss(0, 0.03 + 0.13 * depth))
        pen.rounded_rectangle((x - length, y, x + length, y + 3 + 5 * depth), 4, fill=150)
    image.paste(colour, mask=light)


def _boat(image: Image.Image, x: float, y: float, size: float) -> None:
    pen = ImageDraw.Draw(image)
    dark = (26, 16, 48)
    hull = [
        (x - size / 2, y),
        (x + size / 2, y),
        (x + size / 3, y + size / 6),
        (x - size / 3, y + size / 6),
    ]
    pen.polygon(hull, fill=dark)
    pen.polygon(
        [(x, y - size * 0.9), (x, y - size / 14), (x + size / 2.6, y - size / 14)], fill=dark
    )
    pen.polygon(
        [
            (x - size / 20, y - size * 0.7),
            (x - size / 20, y - size / 14),
            (x - size / 3.2, y - size / 14),
        ],
        fill=dark,
    )


def _balloon(
    image: Image.Image, at: tuple[float, float], radius: float, colours: tuple[Colour, Colour]
) -> None:
    x, y = at
    pen = ImageDraw.Draw(image)
    skirt = y + radius * 1.25
    pen.polygon(
        [
            (x - radius * 0.86, y + radius * 0.5),
            (x + radius * 0.86, y + radius * 0.5),
            (x + radius * 0.2, skirt),
            (x - radius * 0.2, skirt),
        ],
        fill=colours[0],
    )
    for index, share in enumerate((1.0, 0.72, 0.42, 0.14)):
        wide = radius * share
        pen.ellipse((x - wide, y - radius, x + wide, y + radius), fill=colours[index % 2])
        low = radius * 0.2 * share
        edge = y + radius * 0.5
        pen.polygon(
            [(x - wide * 0.86, edge), (x + wide * 0.86, edge), (x + low, skirt), (x - low, skirt)],
            fill=colours[index % 2],
        )
    basket = radius * 0.16
    top = skirt + radius * 0.28
    for side in (-1, 1):
        pen.line(
            (x + side * basket, top, x + side * radius * 0.18, skirt), fill=(80, 60, 50), width=4
        )
    pen.rounded_rectangle(
        (x - basket, top, x + basket, top + basket * 1.5), basket / 4, fill=(112, 74, 44)
    )


def _aurora(image: Image.Image, chance: random.Random) -> None:
    for colour, base in (((64, 236, 160), 0.42), ((120, 120, 240), 0.30), ((70, 220, 190), 0.52)):
        light = Image.new("L", image.size, 0)
        pen = ImageDraw.Draw(light)
        phase = chance.uniform(0, 6)
        for x in range(0, image.width, 4):
            wave = math.sin(x / image.width * 7 + phase) + 0.5 * math.sin(
                x / image.width * 17 + phase
            )
            foot = image.height * (base + 0.05 * wave)
            tall = image.height * (0.16 + 0.06 * math.sin(x / 37 + phase))
            for step in range(12):
                top = foot - tall * (step + 1) / 12
                pen.rectangle((x, top, x + 4, top + tall / 12), fill=round(150 * (1 - step / 12)))
        image.paste(colour, mask=light.filter(ImageFilter.GaussianBlur(image.width / 110)))


def _tree(pen: ImageDraw.ImageDraw, x: float, foot: float, tall: float, colour: Colour) -> None:
    for share in (0.0, 0.28, 0.52):
        low = foot - tall * share
        wide = tall * 0.22 * (1 - share)
        pen.polygon([(x - wide, low), (x + wide, low), (x, low - tall * 0.5)], fill=colour)
    pen.rectangle((x - tall * 0.02, foot, x + tall * 0.02, foot + tall * 0.1), fill=colour)


def _cabin(image: Image.Image, x: float, ground: float, size: float) -> None:
    pen = ImageDraw.Draw(image)
    _glow(image, (round(x), round(ground - size * 0.2)), round(size * 0.10), (255, 214, 120))
    pen.rectangle((x - size / 2, ground - size * 0.42, x + size / 2, ground), fill=(44, 30, 34))
    roof = [
        (x - size * 0.62, ground - size * 0.4),
        (x + size * 0.62, ground - size * 0.4),
        (x, ground - size * 0.85),
    ]
    pen.polygon(roof, fill=(226, 236, 246))
    pen.rectangle(
        (x - size * 0.11, ground - size * 0.30, x + size * 0.11, ground - size * 0.1),
        fill=(255, 214, 120),
    )


if __name__ == "__main__":
    main()
