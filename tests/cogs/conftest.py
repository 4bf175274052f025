"""Every sentence that a running bot has."""

from __future__ import annotations

from cogs.register import register_error_texts

register_error_texts()
