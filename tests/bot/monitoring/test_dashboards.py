"""The board for Grafana and the rules for Prometheus ask for metrics and labels that there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import promql_parser as promql
import pytest
import yaml

from tests.watching import series

FOLDER: Final = Path("docs/monitoring")
ADDED_BY_PROMETHEUS: Final = {"job", "instance"}
OF_OTHERS: Final = {"process_resident_memory_bytes", "up"}


def board_expressions() -> list[str]:
    board = json.loads((FOLDER / "grafana.json").read_text("utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


EXPRESSIONS: Final = [*board_expressions(), *(rule["expr"] for rule in rules())]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_asks_for_what_there_is(text: str) -> None:
    names: set[str] = set()
    by: set[str] = set()
    known = series()

    def visit(part: promql.Expr) -> None:
        if isinstance(part, promql.VectorSelector):
            assert part.name in known.keys() | OF_OTHERS
            names.add(part.name or "")
            labels = {it.name for it in part.matchers.matchers}
            assert labels <= known.get(part.name or "", ADDED_BY_PROMETHEUS)
        elif isinstance(part, promql.AggregateExpr) and part.modifier is not None:
            by.update(part.modifier.labels)

    promql.walk(promql.parse(text), visit)
    assert names
    assert all(by <= known[name] for name in names if by)


def test_each_series_is_on_the_board() -> None:
    shown = " ".join(EXPRESSIONS)
    assert [it for it in series() if it not in shown] == ["animate_bot_build_info"]


def test_each_rule_says_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["description"].endswith(".")
