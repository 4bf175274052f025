"""The type of a JSON object, which both stand-ins and the page speak of."""

from typing import Any

Json = dict[str, Any]
"""A JSON object."""
