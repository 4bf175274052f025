"""Prompts that have nothing wrong in them: who blocks a word of most of them is asked first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.moderation.blocked_words import SearchableText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.moderation.blocked_words import BlockedWord

_TOO_MANY: Final = 0.25
"""The share of a language's everyday prompts from which on a word is questioned."""
EVERYDAY_PROMPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "English": (
        "slow zoom on an old lighthouse, waves roll below",
        "her hair moves in the wind and she blinks twice",
        "my dog jumps up",
        "fog drifts by",
        "the camera pans to the left over a quiet lake",
        "a red balloon rises above the rooftops",
        "two kids run through the rain, laughing",
        "leaves fall, golden evening light",
        "the cat looks at the camera and yawns",
        "snow is falling on the mountain village",
        "make the car drive away into the sunset",
        "smoke comes out of the chimney",
        "timelapse of clouds over a city skyline at night",
        "he smiles and waves his hand",
        "a dragon flies around the castle",
        "water ripples, a boat drifts past",
        "dolly in, cinematic, shallow focus",
        "flowers open one after another",
        "the robot turns its head, eyes glow blue",
        "steam over a cup of coffee on a wooden table",
    ),
    "German": (
        "die Kamera f\u00e4hrt langsam auf das Haus zu",
        "mein Hund rennt \u00fcber die Wiese",
        "Schnee f\u00e4llt leise auf den Wald",
        "sie lacht und winkt in die Kamera",
        "ein Boot treibt auf dem See, Abendlicht",
        "das Auto f\u00e4hrt um die Kurve",
        "Wolken ziehen \u00fcber der Stadt vorbei",
        "der Drache \u00f6ffnet seine Fl\u00fcgel",
        "Bl\u00e4tter wirbeln im Wind",
        "die Katze g\u00e4hnt und streckt sich",
        "Kerzen flackern, ruhige Stimmung",
        "zwei Kinder spielen am Strand",
    ),
    "Spanish": (
        "la c\u00e1mara se acerca despacio a la casa",
        "mi perro corre por la playa",
        "la nieve cae sobre el bosque",
        "ella sonr\u00ede y saluda con la mano",
        "un barco navega al atardecer",
        "el coche se aleja por la carretera",
        "las nubes pasan sobre la ciudad",
        "el drag\u00f3n abre sus alas",
        "hojas que vuelan con el viento",
        "el gato bosteza y se estira",
        "velas encendidas, luz suave",
        "dos ni\u00f1os juegan en el parque",
    ),
}


@dataclass(frozen=True, slots=True)
class EverydayHits:
    """How many of the everyday prompts of a language a word would refuse."""

    language: str
    refused: int
    prompts: int

    @property
    def are_too_many(self) -> bool:
        """Whether the word leaves members of that language little to write."""
        return self.refused >= _TOO_MANY * self.prompts


def everyday_hits(word: BlockedWord) -> EverydayHits:
    """Hold a checked word against the prompts of each language, and return the worst."""
    # As in most requests, the negative prompt is empty.
    no_prompt = SearchableText.of("").has(word)
    counts = [
        EverydayHits(language, sum(no_prompt or it.has(word) for it in prompts), len(prompts))
        for language, prompts in _searchable().items()
    ]
    return max(counts, key=lambda it: it.refused / it.prompts)


@lru_cache
def _searchable() -> Mapping[str, tuple[SearchableText, ...]]:
    return {
        language: tuple(map(SearchableText.of, prompts))
        for language, prompts in EVERYDAY_PROMPTS.items()
    }
