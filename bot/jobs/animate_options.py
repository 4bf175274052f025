"""The options of `/animate`, as one value from the command to the provider."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from pika import Duration, Picture, Resolution, Shot


class AnimateOptions(BaseModel):
    """The options of one request. Jobs and offers store it as one JSON column.

    A new option is a field here with a default, so that older rows can be read, and where the
    provider is to know of it a line in `to_shot`.

    Attributes:
        seed: `None` until one is drawn.
        resolution: `None` until the server's default is filled in.
        duration: Seconds; `None` as for `resolution`.
        spoiler: Whether the clip is blurred until somebody looks at it; nothing to the provider.
            `None`, left out, is what the member chose, and else no.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    resolution: Resolution | None = None
    duration: Duration | None = None
    spoiler: bool | None = None


def to_shot(options: AnimateOptions, picture: Picture | str) -> Shot:
    """Turn options, and the picture or the address of the original, into a `Shot`.

    Raises:
        LookupError: The resolution or the duration is not filled in.
    """
    if options.resolution is None or options.duration is None:
        raise LookupError("defaults are not filled in")
    return Shot(
        picture=picture,
        prompt=options.prompt,
        negative_prompt=options.negative_prompt,
        seed=options.seed,
        resolution=options.resolution,
        duration=options.duration,
    )
