"""Views and modals that discord.py forgets as soon as they are built.

It keeps each one that it sends, to call back into it, until that times out or is stopped; a
question in the moderators' channel would be kept for as long as the process lives. Here
presses are routed by their custom ids (`cogs.interactions.components`), also after a restart,
so nothing needs to be kept. A lint rule forbids discord.py's own classes everywhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class RoutedView(discord.ui.View):
    """Buttons under a message."""

    def __init__(self, items: Iterable[discord.ui.Item[Any]]) -> None:
        super().__init__()
        _fill_and_stop(self, items)


def page_buttons(page: int, pages: int, custom_id: Callable[[int], str]) -> RoutedView | None:
    """Build the buttons to the pages before and after, which count from 0; `None` for one page."""
    return RoutedView(_turns(page, pages, custom_id)) if pages > 1 else None


def page_row(
    page: int, pages: int, custom_id: Callable[[int], str]
) -> discord.ui.ActionRow[Any] | None:
    """Build the same buttons for a `RoutedLayout`."""
    return discord.ui.ActionRow(*_turns(page, pages, custom_id)) if pages > 1 else None


def _turns(
    page: int, pages: int, custom_id: Callable[[int], str]
) -> Iterator[discord.ui.Button[Any]]:
    for label, number in (("◀", page - 1), ("▶", page + 1)):
        yield discord.ui.Button(
            label=label, custom_id=custom_id(number), disabled=not 0 <= number < pages
        )


class RoutedLayout(discord.ui.LayoutView):
    """A message that is made of texts, menus and buttons alone."""

    def __init__(self, items: Iterable[discord.ui.Item[Any]]) -> None:
        super().__init__()
        _fill_and_stop(self, items)


class RoutedModal(discord.ui.Modal):
    """A form over Discord's window: a title of at most 45 characters, and at most five fields."""

    def __init__(self, title: str, custom_id: str, items: Iterable[discord.ui.Item[Any]]) -> None:
        super().__init__(title=title, custom_id=custom_id)
        _fill_and_stop(self, items)


def _fill_and_stop(
    view: RoutedView | RoutedLayout | RoutedModal, items: Iterable[discord.ui.Item[Any]]
) -> None:
    for item in items:
        view.add_item(item)
    # discord.py stores what it sends unless that is stopped already.
    view.stop()
