"""What Discord keeps out of messages, whoever writes them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.discord.rules.errors import explicit_content, harmful_link

if TYPE_CHECKING:
    from playground.discord.state.messages import Upload


@dataclass(slots=True)
class ContentFilters:
    """Looks at what is new in a message, its text and its files.

    `harmful_links` are links, or parts of them, that no text may have; `explicit_types` are content
    types of which every file counts as explicit, such as "video/mp4".
    """

    harmful_links: set[str] = field(default_factory=set)
    explicit_types: set[str] = field(default_factory=set)

    def check_text(self, text: str) -> None:
        """ApiError 240000 for a text with a harmful link."""
        # As it is shown: a backslash before a character only says that it is no markup.
        shown = text.replace("\\", "")
        if any(link in shown for link in self.harmful_links):
            raise harmful_link()

    def check_file(self, file: "Upload") -> None:
        """ApiError 20009 for an explicit file."""
        if file.content_type in self.explicit_types:
            raise explicit_content()
