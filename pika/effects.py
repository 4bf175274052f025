"""The names of Pika's effects, as each contract lists them."""

from __future__ import annotations

from typing import Final


def _listed(names: str) -> frozenset[str]:
    return frozenset(" ".join(names.split()).split(", "))


PICTURE_EFFECTS: Final = _listed("""
    90s Me, Action Me, Arcade Winner, Baby Me, Bald Me, Balloonify it, CCTV Me, Cake-ify, Captain
    Me, Choco Me, Classy Me, Clown Fit, Crazy in Love, Crumble, Crush, Cupid Strike, Decapitate,
    Deflate, Dissolve, Doom Stroll, Eat a Rat, Epic Me, Everythings Bonsai, Explode, Eye-pop, Eyes
    Zoom in, Fairytale Me, Goth Dream, Hazmat Fit, Hearts Bouquet, Hero Me, Human Pet, Inflate,
    Jungle Me, Labubu Style, Leprechaun Me, Levitate, Lo-Fi Me, Looong Hair, Love Bomb, Magic
    Polaroid, Make it Real, Melt, Mona Me, Mrs Me, Museum Me, Peel, Pick Me, Poke, Princess Me,
    Proposal, Puppy Me, Rose, Royal Me, Squish, Ta-da, Tarot Transform, Tear, VIP Me, Warrior Me,
    Yarn Charm, Zen Me
""")
"""For pictures, on Pika's own API (its catalogue record)."""

VIDEO_EFFECTS: Final = _listed("""
    Anime Cat, Cute Shroom, Duplicate it, Happy Asteroid, Its Alive, Its Computer, Pink Hair, Swan
    Head, Wizard Cat
""")
"""For videos, on Pika's own API (its catalogue record)."""

CLASSIC_EFFECTS: Final = _listed("""
    Cake-ify, Crumble, Crush, Decapitate, Deflate, Dissolve, Explode, Eye-pop, Inflate, Levitate,
    Melt, Peel, Poke, Squish, Ta-da, Tear
""")
"""For pictures, on the Pika 2.2 contract of Comfy's proxy (its OpenAPI document)."""
