"""Every kind of place, for the demo: each is one click away on the page."""

from playground.discord import Channel, ChannelKind, DiscordStandIn, Overwrite, Permission

SLOW_SECONDS = 30
"""The slow mode of the channel that has one."""


def add_places(discord: DiscordStandIn) -> None:
    """Add threads to #clips, and a category with channels of the other kinds."""
    guild = discord.world.guild
    mia, noah, morgan = (guild.member(name) for name in ("mia", "noah", "moderator"))
    clips = guild.channel("clips")
    discord.add_thread("open thread", clips, mia)
    discord.set_thread(discord.add_thread("archived thread", clips, mia), archived=True)
    discord.set_thread(discord.add_thread("locked thread", clips, mia), locked=True)
    discord.add_thread("private thread", clips, mia, noah, morgan, is_private=True)

    category = discord.add_channel("Other kinds", kind=ChannelKind.CATEGORY)

    def add(name: str, kind: ChannelKind = ChannelKind.TEXT, *, nsfw: bool = False) -> Channel:
        return discord.add_channel(name, kind=kind, parent=category, nsfw=nsfw)

    news = add("announcements", ChannelKind.ANNOUNCEMENT)
    news.overwrites[guild.everyone.id] = Overwrite("role", deny=Permission.SEND_MESSAGES)
    for role in ("Moderator", discord.world.bot.username):
        allow = Overwrite("role", allow=Permission.SEND_MESSAGES)
        news.overwrites[guild.role(role).id] = allow
    discord.add_thread("thread of the news", news, mia)
    forum = add("ideas", ChannelKind.FORUM)
    discord.add_post(mia, forum, "a post", "Which picture shall I animate next?")
    add("lounge", ChannelKind.VOICE)
    add("stage", ChannelKind.STAGE)
    add("age-restricted", nsfw=True)
    discord.set_slowmode(add("slow"), SLOW_SECONDS)
    discord.hide_from_bot(add("hidden-from-the-bot"))
