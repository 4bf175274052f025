"""From the body of a message request to what the message shows, under Discord's rules."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from playground.discord.payloads.component_payloads import components_json
from playground.discord.rules.component_rules import ComponentCheck
from playground.discord.rules.embeds import check_embeds, embed_json
from playground.discord.rules.errors import empty_message, invalid_form
from playground.discord.rules.forms import FormCheck, is_snowflake
from playground.discord.state.messages import Attachment, MessageFlag, Revision
from playground.json_types import Json

if TYPE_CHECKING:
    from datetime import datetime

    from playground.discord.activity.cdn import Cdn
    from playground.discord.rest.uploads import Body
    from playground.discord.rules.content_filters import ContentFilters
    from playground.discord.state.entities import Message

MAX_CONTENT: Final = 2000
"""Characters of a message's content."""

_ATTACHMENT = "attachment://"
_NEW_FLAGS: Final = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)
_EDITABLE_FLAGS: Final = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2


def blank(at: "datetime", flags: MessageFlag) -> Revision:
    """A revision that shows nothing."""
    return Revision("", [], [], (), flags, at)


def wanted_flags(data: Json) -> MessageFlag:
    """The flags in a body; ApiError 50035 unless they are a number."""
    flags = data.get("flags") or 0
    if not isinstance(flags, int):
        raise invalid_form({"flags": ("NUMBER_TYPE_COERCE", "Value is not int.")})
    return MessageFlag(flags)


class MessageBuilder:
    """Turns checked bodies into revisions; files go to the CDN."""

    def __init__(self, cdn: "Cdn", filters: "ContentFilters") -> None:
        self._cdn = cdn
        self._filters = filters

    def new(self, data: Json, body: "Body", at: "datetime", channel_id: int) -> Revision:
        """What a new message in the channel shows; ApiError where Discord would refuse it.

        `data` is the message's part of the body, which in callbacks is nested.
        """
        flags = wanted_flags(data) & _NEW_FLAGS
        return self._compose(data, body, blank(at, flags), channel_id)

    def edited(self, data: Json, body: "Body", message: "Message", at: "datetime") -> Revision:
        """What the message shows after an edit: fields that are not given stay as they are."""
        before = message.now
        flags = before.flags & ~MessageFlag.LOADING
        if data.get("flags") is not None:
            wanted = wanted_flags(data) & _EDITABLE_FLAGS
            sticky = before.flags & MessageFlag.COMPONENTS_V2
            flags = flags & ~_EDITABLE_FLAGS | wanted | sticky
        base = Revision(
            before.content, before.embeds, before.components, before.attachments, flags, at
        )
        return self._compose(data, body, base, message.channel.id)

    def _compose(self, data: Json, body: "Body", base: Revision, channel_id: int) -> Revision:
        form = FormCheck()
        v2 = bool(base.flags & MessageFlag.COMPONENTS_V2)
        content = base.content
        if "content" in data:
            content = form.text("content", data["content"], 0, MAX_CONTENT, required=False)
        embeds = form.objects("embeds", data.get("embeds"), 0, 10)
        check_embeds(form, embeds)
        if data.get("components") is not None:
            ComponentCheck(form, v2=v2).check(data["components"])
        keep = partial(self._cdn.keep, channel_id=channel_id)
        attachments = _attachments(form, data, body, base, keep)
        form.finish()
        media = _Media(form, attachments)
        revision = Revision(
            content,
            [embed_json(e, media.url) for e in embeds] if "embeds" in data else base.embeds,
            components_json(data["components"] or [], media)
            if "components" in data
            else base.components,
            attachments,
            base.flags,
            base.at,
        )
        _check_whole(form, revision, v2=v2)
        self._filters.check_text(content if "content" in data else "")
        for file in body.files.values():
            self._filters.check_file(file)
        return revision


def _attachments(
    form: FormCheck, data: Json, body: "Body", base: Revision, keep: Callable[..., Attachment]
) -> tuple[Attachment, ...]:
    listed = data.get("attachments")
    kept = {str(attachment.id): attachment for attachment in base.attachments}
    entries = form.objects("attachments", listed, 0, 10)
    if listed is None:
        entries = [{"id": key} for key in kept] + [{"id": index} for index in body.files]
    chosen: list[Attachment] = []
    for number, entry in enumerate(entries):
        path = f"attachments.{number}"
        index = _index(entry)
        if str(entry.get("id")) in kept:
            chosen.append(_described(form, path, entry, kept[str(entry["id"])]))
        elif index in body.files:
            chosen.append(_described(form, path, entry, keep(body.files[index])))
        else:
            form.fault(f"{path}.id", "ATTACHMENT_NOT_FOUND", "No such file or attachment.")
    for index in body.files.keys() - {_index(entry) for entry in entries}:
        form.fault(f"files[{index}]", "ATTACHMENT_NOT_LISTED", "Not among the attachments.")
    return tuple(chosen)


def _described(form: FormCheck, path: str, entry: Json, attachment: Attachment) -> Attachment:
    if "description" in entry:
        words = form.text(f"{path}.description", entry["description"], 0, 1024, required=False)
        attachment = replace(attachment, description=words or None)
    if (spoiler := entry.get("is_spoiler")) is not None:
        if not isinstance(spoiler, bool):
            form.fault(f"{path}.is_spoiler", "BOOLEAN_TYPE_CONVERT", "Must be true or false.")
        attachment = replace(attachment, spoiler=bool(spoiler))
    return attachment


def _index(entry: Json) -> int:
    return int(entry["id"]) if is_snowflake(entry.get("id")) else -1


def _check_whole(form: FormCheck, shown: Revision, *, v2: bool) -> None:
    if v2:
        for name, value in (("content", shown.content), ("embeds", shown.embeds)):
            if value:
                form.fault(
                    name,
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{name}' field cannot be used with IS_COMPONENTS_V2",
                )
    form.finish()
    parts: list[Any] = [shown.components]
    if not v2:
        parts += [shown.content, shown.embeds, shown.attachments]
    if not any(parts):
        raise empty_message()


class _Media:
    """Resolves attachment:// references to the files of the same message."""

    def __init__(self, form: FormCheck, attachments: tuple[Attachment, ...]) -> None:
        self._form = form
        self._by_name = {attachment.filename: attachment for attachment in attachments}

    def url(self, given: str) -> str:
        found = self._find(given)
        return given if found is None else found.url

    def unfurled(self, url: str) -> Json:
        found = self._find(url)
        url = url if found is None else found.url
        media: Json = {"id": "0", "url": url, "proxy_url": url}
        if found is not None:
            media |= {"attachment_id": str(found.id), "content_type": found.content_type}
            if found.size is not None:
                media["width"], media["height"] = found.size
        return media

    def named(self, url: str) -> Json:
        found = self._find(url)
        if found is None:
            return {"name": None, "size": None}
        return {"name": found.filename, "size": len(found.data)}

    def _find(self, given: str) -> Attachment | None:
        if not given.startswith(_ATTACHMENT):
            return None
        name = given.removeprefix(_ATTACHMENT)
        if name not in self._by_name:
            self._form.fault(
                "components",
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                "The referenced attachment was not found.",
            )
        return self._by_name.get(name)
