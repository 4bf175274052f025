"""Embeds: Discord's limits, and the form in which they come back."""

from collections.abc import Callable
from typing import Any, Final

from playground.discord.rules.forms import FormCheck

TOTAL_CHARACTERS: Final = 6000
"""Over all embeds of a message, counting titles, descriptions, fields, footers, authors."""

_IMAGES = ("image", "thumbnail", "video")


def check_embeds(form: FormCheck, embeds: list[dict[str, Any]]) -> None:
    """Note each breach of the limits of single embeds and of all together."""
    total = 0
    for index, embed in enumerate(embeds):
        total += _check_embed(form, f"embeds.{index}", embed)
    if total > TOTAL_CHARACTERS:
        form.fault("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _check_embed(form: FormCheck, path: str, embed: dict[str, Any]) -> int:
    texts = [
        form.text(f"{path}.title", embed.get("title"), 0, 256, required=False),
        form.text(f"{path}.description", embed.get("description"), 0, 4096, required=False),
    ]
    if footer := embed.get("footer"):
        texts.append(form.text(f"{path}.footer.text", footer.get("text"), 0, 2048, required=False))
    if author := embed.get("author"):
        texts.append(form.text(f"{path}.author.name", author.get("name"), 0, 256, required=False))
    for key in _IMAGES:
        if image := embed.get(key):
            required = "url" not in image
            form.text(f"{path}.{key}.url", image.get("url"), 1, 2048, required=required)
    for number, field in enumerate(form.objects(f"{path}.fields", embed.get("fields"), 0, 25)):
        texts.append(form.text(f"{path}.fields.{number}.name", field.get("name"), 1, 256))
        texts.append(form.text(f"{path}.fields.{number}.value", field.get("value"), 1, 1024))
    return sum(map(len, texts))


def embed_json(embed: dict[str, Any], resolve: Callable[[str], str]) -> dict[str, Any]:
    """An embed as it comes back; `resolve` turns attachment:// references into URLs."""
    shown: dict[str, Any] = {"type": "rich"}
    for key in ("title", "description", "url", "color", "timestamp"):
        if embed.get(key) is not None:
            shown[key] = embed[key]
    # A part that says nothing is left out.
    for key in _IMAGES:
        if url := (embed.get(key) or {}).get("url"):
            shown[key] = {"url": resolve(url)}
    for key in ("footer", "author", "provider"):
        if person := _person_json(embed.get(key) or {}, resolve):
            shown[key] = person
    if embed.get("fields"):
        shown["fields"] = [
            {"name": f["name"], "value": f["value"], "inline": bool(f.get("inline"))}
            for f in embed["fields"]
        ]
    return shown


def _person_json(part: dict[str, Any], resolve: Callable[[str], str]) -> dict[str, Any]:
    shown = {key: part[key] for key in ("text", "name", "url") if part.get(key) is not None}
    if not shown.keys() & {"text", "name"}:
        return {}
    if part.get("icon_url"):
        shown["icon_url"] = resolve(part["icon_url"])
    return shown
