"""Without a registry nothing is waited for, and the skip says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.libraries import environments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Nobody listens there.
CLOSED = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("make", "client"),
    [
        (lambda: environments.python_with.__wrapped__("comfy"), "uv"),
        (environments.node_packages.__wrapped__, "npm"),
    ],
)
def test_an_environment_that_cannot_be_made_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], object], client: str
) -> None:
    monkeypatch.setattr(environments, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(environments, "_unreachable", set())
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "npm_config_registry"):
        monkeypatch.setenv(name, CLOSED)
    for name in ("UV_CACHE_DIR", "npm_config_cache"):
        monkeypatch.setenv(name, str(tmp_path / name))
    with pytest.raises(pytest.skip.Exception, match=f"{client} cannot reach"):
        make()
    assert environments._unreachable == {client}
