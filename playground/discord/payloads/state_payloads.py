"""What exists, as Discord's JSON: accounts, members, roles, channels, guilds."""

from typing import TYPE_CHECKING

from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.entities import permissions_in
from playground.discord.state.snowflakes import born_at
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.entities import Channel, Guild, Member, Role, User
    from playground.discord.state.world import World


def user_json(user: "User") -> Json:
    """An account as others see it."""
    payload: Json = {
        "id": str(user.id),
        "username": user.username,
        "global_name": user.global_name,
        "discriminator": "0000" if user.bot else "0",
        "avatar": user.avatar,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    return payload | {"bot": True} if user.bot else payload


def me_json(bot: "User") -> Json:
    """The bot's account as it sees itself."""
    return user_json(bot) | {
        "mfa_enabled": True,
        "locale": bot.locale,
        "verified": True,
        "email": None,
    }


def member_json(member: "Member") -> Json:
    """A membership without its account, as beside a message."""
    until = member.timed_out_until
    return {
        "avatar": None,
        "banner": None,
        "nick": member.nick,
        "roles": [str(role.id) for role in member.roles],
        "joined_at": member.joined_at.isoformat(),
        "premium_since": None,
        "communication_disabled_until": until and until.isoformat(),
        "pending": False,
        "flags": 0,
        "mute": False,
        "deaf": False,
    }


def member_with_user_json(member: "Member") -> Json:
    """A membership with its account."""
    return member_json(member) | {"user": user_json(member.user)}


def role_json(role: "Role") -> Json:
    """A role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_json(channel: "Channel") -> Json:
    """A channel with its overwrites, a thread, or a channel of direct messages."""
    last = max(channel.messages, default=None)
    if channel.recipient is not None:
        return {
            "id": str(channel.id),
            "type": 1,
            "recipients": [user_json(channel.recipient)],
            "last_message_id": None if last is None else str(last),
            "flags": 0,
        }
    shown = {
        "id": str(channel.id),
        "type": int(channel.kind),
        "guild_id": str(channel.guild.id),
        "name": channel.name,
        "parent_id": str(channel.parent.id) if channel.parent else None,
        "rate_limit_per_user": channel.slowmode_seconds,
        "last_message_id": None if last is None else str(last),
        "flags": 0,
    }
    if channel.kind.is_thread:
        return shown | _thread_json(channel)
    return (
        shown
        | _OF_KIND.get(channel.kind, {})
        | {
            "position": channel.position,
            "topic": None,
            "nsfw": channel.nsfw,
            "permission_overwrites": [
                {
                    "id": str(target),
                    "type": 0 if overwrite.kind == "role" else 1,
                    "allow": str(int(overwrite.allow)),
                    "deny": str(int(overwrite.deny)),
                }
                for target, overwrite in channel.overwrites.items()
            ],
        }
    )


_SOUND: Json = {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
_POSTS: Json = {
    "available_tags": [],
    "default_reaction_emoji": None,
    "default_sort_order": None,
    "default_forum_layout": 0,
}
_OF_KIND: dict[ChannelKind, Json] = {
    ChannelKind.VOICE: _SOUND,
    ChannelKind.STAGE: _SOUND,
    ChannelKind.FORUM: _POSTS,
    ChannelKind.MEDIA: _POSTS,
}


def _thread_json(channel: "Channel") -> Json:
    """What a thread has in place of overwrites, position and age restriction."""
    messages = sum(not message.deleted for message in channel.messages.values())
    born = born_at(channel.id).isoformat()
    return {
        "owner_id": str(channel.guild.owner_id),
        "message_count": messages,
        "total_message_sent": len(channel.messages),
        "member_count": len(channel.joined),
        "thread_metadata": {
            "archived": channel.archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": born,
            "create_timestamp": born,
            "locked": channel.locked,
        },
    }


def partial_channel_json(channel: "Channel", member: "Member") -> Json:
    """A channel as it appears in an interaction, with what the member may do in it."""
    payload = channel_json(channel)
    payload.pop("permission_overwrites", None)
    return payload | {"permissions": str(int(permissions_in(channel, member)))}


_PLAIN_GUILD: Json = {
    "icon": None,
    "description": None,
    "hub_type": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "features": [],
    "banner": None,
    "application_id": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 1,
    "default_message_notifications": 1,
    "mfa_level": 0,
    "explicit_content_filter": 2,
    "max_presences": None,
    "max_members": 500_000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "premium_progress_bar_enabled": False,
    "nsfw": False,
    "nsfw_level": 0,
    "emojis": [],
    "stickers": [],
    "incidents_data": None,
}


def guild_json(guild: "Guild") -> Json:
    """A guild with its roles, without channels and members."""
    return _PLAIN_GUILD | {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "preferred_locale": guild.locale,
        "roles": [role_json(role) for role in guild.roles.values()],
    }


def guild_create_json(guild: "Guild", members: "list[Member]") -> Json:
    """A guild as the gateway announces it, with the members whom the bot is shown.

    Its channels are in `place_payloads`.
    """
    return guild_json(guild) | {
        "joined_at": min(member.joined_at for member in guild.members.values()).isoformat(),
        "large": len(guild.members) > LARGE_GUILD,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_with_user_json(member) for member in members],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


LARGE_GUILD = 250
"""Members beyond which a guild counts as large."""


def sound_json(number: int, name: str, emoji: str) -> Json:
    """A sound that every server has."""
    return {
        "sound_id": str(number),
        "name": name,
        "volume": 1.0,
        "emoji_id": None,
        "emoji_name": emoji,
        "available": True,
    }


def application_json(world: "World") -> Json:
    """The bot's application with its owner."""
    return {
        "id": str(world.application_id),
        "name": world.bot.username,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": user_json(world.bot),
        "bot_public": world.bot_public,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": world.application_flags,
        "flags_new": str(world.application_flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(world.application_owner),
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "event_webhooks_status": 1,
        "explicit_content_filter": 0,
        "team": _team_json(world) if world.application_team else None,
        "eligible_oauth2_scopes": [],
    }


_INVITED, _ACCEPTED = 1, 2


def _team_json(world: "World") -> Json:
    """The team that owns the application; its first member owns the team."""
    team_id = str(world.application_owner.id)
    return {
        "id": team_id,
        "name": "Team",
        "icon": None,
        "owner_user_id": str(next(iter(world.application_team)).id),
        "members": [
            {
                "user": user_json(user),
                "team_id": team_id,
                "membership_state": _ACCEPTED if accepted else _INVITED,
                "role": "read_only" if user in world.team_readers else "developer",
                "permissions": ["*"],
            }
            for user, accepted in world.application_team.items()
        ],
    }
