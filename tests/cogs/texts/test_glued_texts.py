"""No text is put together by the punctuation, the blanks or the words of English alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cogs
from tools import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_TRANSLATED = (
    # What an operator reads in a terminal or in the program's log.
    "delivery/discord_errors.py",
    "gateway/",
    "login.py",
    # What is drawn into a picture, in letters that Japanese has not.
    "quota/report_chart.py",
    # The rules themselves.
    "texts/languages.py",
    "texts/punctuation.py",
)
NO_TEXTS = {
    "f'[{self.name}]({self.url})'",
    "f'[{state_text(clip)}]({jump_url(job)})'",
    "f'{n}. {it.name}'",
    "f'{label} {clip.job.reply_to.member_id} {_prompt(clip)}'",
    "f'{limit.amount} {limit.unit} {limit.window}'",
    "f'{it.mark} {it.text}'",
    "f'{icon} {text_of(message)}'",
    "f'{_ICONS[kind]} {_(_BUDGETS[kind], budget=budget_text(message))}'",
    # In a table, for programs.
    "f' until {rule.ends_at:%Y-%m-%dT%H:%M:%SZ}'",
    "f'{count} {noun}'",
    "f'{count} {noun}s'",
    "f'Try a limit on the last {_DAYS} days: whom it refuses, what it saves'",
    "', '.join((it.text for it in removed.removed[:_TRIED] if not it.is_pattern))",
    (
        "read += _('or, in Latin letters:\\n{words}', "
        "words=quote(normalized.look_alike_latin, _QUOTED))"
    ),
    # A row of mentions; an instant before its act; a server in the program's log.
    "' '.join((f'<#{int(it)}>' for it in str(channel_ids).split()))",
    "f\"{timestamp(entry.at, 'f')} {act_sentence(entry, most)}\"",
    "f'(id {guild_id})'",
    "f\"{_quoted_name(guild)} (id {guild.id}, {guild.member_count or '?'} members)\"",
    # What the owner typed, and an order as they search for it.
    "'.'.join(decimal.groups())",
    "f'#{it.job_id} {money(it.micro_usd)} {it.provider}'",
}
"""What only looks like a glued text: links, what is searched or typed, a line with its icon."""
_GLUE = re.compile(r"[:,;.](?: |$)|[“”„«»「」()]|§ §|\b(?:and|or|by|of|until)\b")
_SPEAKERS = {"_", "ngettext"}


def glued(source: str) -> Iterator[str]:
    """Find expressions that put texts together with punctuation, blanks or words of their own."""
    tree = ast.parse(source)
    silent = {id(it) for node in ast.walk(tree) if _is_silent(node) for it in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) not in silent and _is_glued(node) and ast.unparse(node) not in NO_TEXTS:
            yield ast.unparse(node)


def _is_silent(node: ast.AST) -> bool:
    """Whether nobody reads what is in it but the program's log."""
    match node:
        case ast.Raise() | ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
            return True
        case ast.Call(func=ast.Attribute(attr="__init__")):
            return True
    return False


def _is_glued(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr(values=values):
            parts = (str(it.value) if isinstance(it, ast.Constant) else "§" for it in values)
            return _GLUE.search("".join(parts)) is not None
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(by)), attr="join"), args=[it]
        ):
            is_id = by == ":"
            return not (is_id or _is_split(it)) and re.search(r"[\w,;:.]|^ $", by) is not None
        case ast.Call(func=ast.Attribute(value=ast.Call(), attr="join")):
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_glue(left) or _is_glue(right) or (_is_said(left) and _is_said(right))
        case ast.AugAssign(op=ast.Add(), value=value):
            return _is_glue(value) or _is_said(value)
    return False


def _is_split(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "split"


def _is_glue(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return text == " " or _GLUE.search(text) is not None
    return False


def _is_said(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in _SPEAKERS


def test_no_text_is_glued_by_english_punctuation() -> None:
    (root,) = map(Path, cogs.__path__)
    found = {
        f"{file}: {it}"
        for path in sorted(root.rglob("*.py"))
        if not (file := path.relative_to(root).as_posix()).startswith(NOT_TRANSLATED)
        for it in glued(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        'f"{who}: {why}"',
        "f\"{sentence} {_('Please try again later.')}\"",
        'f"{left_line(status)}."',
        'f"{clips} ({cost})"',
        'f"“{name}”"',
        'f"{model}, by {provider}"',
        '", ".join(names)',
        '" ".join(lines)',
        '_(" and ").join(limits)',
        'text + ", " + other',
        'text += " " + _("Too many.")',
        'text += _(" I need {names} there.")',
        'did += f" until {when}"',
    ],
)
def test_a_glued_text_is_found(code: str) -> None:
    assert list(glued(code))


@pytest.mark.parametrize(
    "code",
    [
        'f"⚠️ {text}"',
        'f"-# {first} · {second}"',
        'f"<@{member_id}>"',
        'f"{PREFIX}:{page}:{member}"',
        'log.info("a, b", f"{a}: {b}")',
        'raise LookupError(f"{a}: {b}")',
        '" ".join(prompt.split())',
        '"\\n".join(lines)',
        'labelled(f"• {mention}", text)',
        '"- " + _("nothing.")',
    ],
)
def test_what_has_no_grammar_may_be_put_together(code: str) -> None:
    assert list(glued(code)) == []


PARTS = {
    " (as many as the bot renders)",
    " (the bot owner's)",
    " ({amount} granted)",
    " but {counted}, who have their own (`/quota limits`)",
    " but {mentions}",
    " but {rules_in_a_row}",
    " by <@{paused_by}>",
    " of <@{whose}>",
    " of the server's budget",
    " of {members}",
    " until {when}",
    ", age-restricted ones never",
    ", age-restricted ones only",
    ", and {each_month} with this limit",
    ", asked for since {when}",
    ", instead of {rules_in_a_row}",
    ", no longer blocked",
    ", only {others}",
    ", with {clips} in the making",
    "{when} or ",
}
"""Parts of sentences that a translation gives edges of its own, as Japanese its parentheses."""


def test_texts_are_whole() -> None:
    """A whole text with placeholders lets a translation have its own order of words."""
    texts = {text for context, text in translations.texts() if not context}
    assert {it for it in texts if it != it.strip() or it[0] in ",;:."} == PARTS
