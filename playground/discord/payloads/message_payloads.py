"""Messages and their files as Discord's JSON."""

from typing import TYPE_CHECKING

from playground.discord.payloads.state_payloads import member_json, user_json
from playground.discord.state.entities import Message
from playground.discord.state.messages import IS_SPOILER, Attachment, MessageType
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.world import World


def attachment_json(attachment: Attachment) -> Json:
    """A file with a freshly signed URL."""
    payload: Json = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.data),
        "url": attachment.url,
        "proxy_url": attachment.url,
    }
    if attachment.content_type is not None:
        payload["content_type"] = attachment.content_type
    if attachment.size is not None:
        payload["width"], payload["height"] = attachment.size
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.spoiler:
        payload["flags"] = IS_SPOILER
    return payload | {"ephemeral": True} if attachment.ephemeral else payload


def message_json(message: Message, world: "World") -> Json:
    """A message as REST answers with it; what it replies to is included."""
    payload = _basic_json(message, world)
    if message.kind is MessageType.REPLY:
        replied = message.reference
        gone = replied is None or replied.deleted
        payload["referenced_message"] = (
            None if gone or replied is None else _basic_json(replied, world)
        )
    return payload


def _basic_json(message: Message, world: "World") -> Json:
    shown = message.now
    payload: Json = {
        "id": str(message.id),
        "type": int(message.kind),
        "channel_id": str(message.channel.id),
        "author": user_json(message.author),
        "content": shown.content,
        "embeds": shown.embeds,
        "components": shown.components,
        "attachments": [attachment_json(attachment) for attachment in shown.attachments],
        "mentions": [user_json(user) for user in message.mentions.users],
        "mention_roles": [str(role.id) for role in message.mentions.roles],
        "mention_everyone": message.mentions.everyone,
        "timestamp": message.created_at.isoformat(),
        "edited_timestamp": message.edited_at and message.edited_at.isoformat(),
        "flags": int(shown.flags),
        "pinned": False,
        "tts": False,
    }
    return payload | _origin_json(message, world)


def _origin_json(message: Message, world: "World") -> Json:
    payload: Json = {}
    if message.stickers:
        payload["sticker_items"] = message.stickers
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.reference is not None:
        payload["message_reference"] = {
            # Of messages with a reference, all but replies are forwards here.
            "type": 0 if message.kind is MessageType.REPLY else 1,
            "channel_id": str(message.reference.channel.id),
            "message_id": str(message.reference.id),
        }
        if message.channel.recipient is None:
            payload["message_reference"]["guild_id"] = str(message.channel.guild.id)
    if message.interaction is not None:
        payload["interaction_metadata"] = message.interaction
        payload["webhook_id"] = str(world.application_id)
        payload["application_id"] = str(world.application_id)
        if message.interaction_name is not None:
            payload["interaction"] = {
                "id": message.interaction["id"],
                "type": message.interaction["type"],
                "name": message.interaction_name,
                "user": message.interaction["user"],
            }
    return payload


def gateway_message_json(message: Message, world: "World") -> Json:
    """A message as the gateway announces it: with its guild and the author's membership."""
    guild = message.channel.guild
    if message.channel.recipient is not None:
        return message_json(message, world)
    payload = message_json(message, world) | {"guild_id": str(guild.id)}
    if author := guild.members.get(message.author.id):
        payload["member"] = member_json(author)
    return payload
