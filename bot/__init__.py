"""The domain: who may spend what, the life of a job, pictures in and videos out.

Knows nothing of Discord's library; `cogs` presents it and `bot/__main__.py` composes it.
"""

from typing import Final

__version__: Final = "0.1.0"
"""That of `pyproject.toml`, which is not installed with the program."""
