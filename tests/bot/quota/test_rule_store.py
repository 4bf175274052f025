from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit, Unit, Window
from bot.guilds import guild_settings
from bot.quota.ledger import MemberKey
from bot.quota.rule_store import RuleStore
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Rule, Scope
from tests.bot.rows import GUILD as HERE
from tests.bot.rows import MIA, NOAH, rows

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

DEFAULT = Limit.parse("5 clips a day")
BOOK = RuleStore(DEFAULT)
ROLE = LimitTarget(Scope.ROLE, 77)
MEMBER = LimitTarget(Scope.MEMBER, MIA)


def rule(subject: LimitTarget, text: str) -> Rule:
    return Rule(subject, Limit.parse(text))


async def put(database: Database, new: Rule, book: RuleStore = BOOK) -> Rule | None:
    replaced = await database.write(lambda tx: book.put(tx, HERE, new))
    return next(iter(replaced), None)


async def remove(
    database: Database, subject: LimitTarget, unit: Unit | None = None, window: Window | None = None
) -> set[Rule]:
    return await database.write(lambda tx: set(BOOK.remove(tx, HERE, subject, unit, window)))


async def all_rules(database: Database, book: RuleStore = BOOK, guild: int = HERE) -> set[Rule]:
    rules = await database.read(lambda tx: book.of_guild(tx, guild))
    assert len(rules) == len(set(rules))
    return set(rules)


async def test_the_owners_default_holds_until_moderators_decide(database: Database) -> None:
    assert await all_rules(database) == {Rule(EVERYONE, DEFAULT)}
    assert await all_rules(database, RuleStore(Limit.parse("9"))) == {rule(EVERYONE, "9")}
    await put(database, rule(ROLE, "3"))
    await put(database, rule(GUILD, "$10 a month"))
    assert Rule(EVERYONE, DEFAULT) in await all_rules(database)
    assert rule(EVERYONE, "9") in await all_rules(database, RuleStore(Limit.parse("9")))


async def test_the_first_decision_about_everyone_makes_the_default_theirs(
    database: Database,
) -> None:
    assert await put(database, rule(EVERYONE, "$2 a week")) is None
    theirs = {Rule(EVERYONE, DEFAULT), rule(EVERYONE, "$2 a week")}
    assert await all_rules(database) == theirs
    assert await all_rules(database, RuleStore(Limit.parse("9"))) == theirs

    def check(tx: Transaction) -> None:
        assert BOOK.default(tx, HERE) is None
        assert BOOK.default(tx, HERE + 1) == Rule(EVERYONE, DEFAULT)

    await database.read(check)
    assert await all_rules(database, guild=HERE + 1) == {Rule(EVERYONE, DEFAULT)}


async def test_the_default_can_be_replaced_and_removed(database: Database) -> None:
    assert await put(database, rule(EVERYONE, "8 clips a day")) == Rule(EVERYONE, DEFAULT)
    assert await all_rules(database) == {rule(EVERYONE, "8 clips a day")}
    assert await remove(database, EVERYONE) == {rule(EVERYONE, "8 clips a day")}
    assert await all_rules(database) == set()


async def test_removing_what_is_not_there_leaves_the_default_be(database: Database) -> None:
    assert await remove(database, EVERYONE, Unit.USD) == set()
    assert await remove(database, MEMBER) == set()
    assert await rows(database, "SELECT * FROM guild_settings") == []
    assert await remove(database, EVERYONE, Unit.CLIPS) == {Rule(EVERYONE, DEFAULT)}
    assert await all_rules(database) == set()


async def test_a_member_is_not_bothered_with_other_members_rules(database: Database) -> None:
    of_noah = rule(LimitTarget(Scope.MEMBER, NOAH), "1")
    kept = {rule(MEMBER, "2"), rule(ROLE, "3"), rule(EVERYONE, "4"), rule(GUILD, "5")}
    for new in (of_noah, *kept):
        await put(database, new)

    def check(tx: Transaction) -> None:
        settings = guild_settings.get(tx, HERE)
        assert set(BOOK.of_member(tx, settings, MemberKey(HERE, MIA))) == kept

    await database.read(check)


@pytest.mark.parametrize("seed", range(5))
async def test_the_book_is_a_table_by_subject_unit_and_window(
    database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    subjects = [MEMBER, ROLE, EVERYONE, GUILD, LimitTarget(Scope.ROLE, MIA)]
    model = {(EVERYONE, DEFAULT.unit, DEFAULT.window): Rule(EVERYONE, DEFAULT)}
    for _ in range(80):
        subject = chance.choice(subjects)
        if chance.random() < 0.7:
            limit = Limit(chance.randrange(9), chance.choice([*Unit]), chance.choice([*Window]))
            key = subject, limit.unit, limit.window
            assert await put(database, Rule(subject, limit)) == model.get(key)
            model[key] = Rule(subject, limit)
        else:
            unit, window = chance.choice([None, *Unit]), chance.choice([None, *Window])
            gone = {
                key
                for key in model
                if key[0] == subject and unit in {None, key[1]} and window in {None, key[2]}
            }
            removed = {model.pop(key) for key in gone}
            assert await remove(database, subject, unit, window) == removed
        assert await all_rules(database) == set(model.values())
