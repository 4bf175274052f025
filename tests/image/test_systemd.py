"""What docs/owners.md tells an owner with systemd, done before a systemd that was booted for it."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from bot.command_line import EXIT_SETTING
from bot.maintenance.commands import EXIT_REFUSED
from playground.discord import Upload
from tests.house import photo
from tests.image.images import REPOSITORY
from tests.image.systemd_machine import booted_systemd, skip_without_systemd

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from tests.house import House
    from tests.image.systemd_machine import SystemdMachine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DOCUMENT: Final = (REPOSITORY / "docs" / "owners.md").read_text("utf-8")
ORIGIN: Final = "https://your.host/animate-bot"
SETTINGS: Final = "/etc/animate-bot.env"
UPGRADE: Final = "make upgrade BOT=deploy/as-service && systemctl restart animate-bot"
NOT_RUNNING: Final = 3
"""The exit status of `systemctl status` then."""
LARGEST: Final = (9_140, 7_000)
"""Pixels of nearly the largest JPEG that the bot takes."""
# The packages of these tests, in place of those that `make install` would fetch: beside what is
# there already, and with the same Python at a place that the unit leaves open.
PACKAGES: Final = f"""
mkdir .venv /srv/changes /srv/work
mount -t overlay -o lowerdir=/srv/venv,upperdir=/srv/changes,workdir=/srv/work overlay .venv
sed -i 's|^home = .*|home = /srv/python/bin|' .venv/pyvenv.cfg
ln -sf /srv/python/bin/python{sys.version_info.major}.{sys.version_info.minor} .venv/bin/python
ln -sf python .venv/bin/python3
touch .venv/.installed
echo /srv/python/lib > /etc/ld.so.conf.d/00-python.conf
ldconfig
"""


@pytest.fixture
def checkout() -> bytes:
    """The names of this checkout's files, as Git has them, each with a zero byte behind it."""
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return subprocess.run(listing, cwd=REPOSITORY, capture_output=True, check=True).stdout


@pytest.fixture
async def machine(tmp_path: Path, checkout: bytes) -> AsyncGenerator[SystemdMachine, None]:
    """One with this checkout at `/srv/origin`."""
    skip_without_systemd()
    async with booted_systemd(tmp_path) as machine:
        copied = "tar -C /srv/checkout -c --null -T - | tar -C /srv/origin -x --no-same-owner"
        await machine.run(f"mkdir /srv/origin && {copied}", given=checkout)
        await machine.run(f"git -C /srv/origin init -q && {committed('As it is')}")
        try:
            yield machine
        finally:
            print(await machine.run("journalctl --no-pager -o cat -u animate-bot", 0, 1))


def committed(subject: str) -> str:
    author = "-c user.name=Mia -c user.email=mia@example.org"
    return f"git -C /srv/origin add -A && git -C /srv/origin {author} commit -qm '{subject}'"


def documented() -> list[str]:
    """The commands of "Run it with systemd", one a line of the shell's."""
    section = DOCUMENT.partition("## Run it with systemd")[2].partition("\n## ")[0]
    block = section.partition("```sh\n")[2].partition("```")[0]
    commands = block.replace("\\\n", "").strip().splitlines()
    assert commands.pop() == "journalctl -u animate-bot -f"
    return commands


def settings_of(house: House) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "DISCORD_TOKEN": house.discord.token,
        "DISCORD_API_BASE": house.discord.api_base,
        "DISCORD_GATEWAY_URL": house.discord.gateway_url,
        "PIKA_API_KEY": house.pika.key,
        "PIKA_API_BASE": house.pika.origin,
        "HEALTH_ADDRESS": f"127.0.0.1:{port}",
    }


async def install(machine: SystemdMachine, settings: Mapping[str, str], status: int = 0) -> str:
    """Do as the document says; return what the check finds, which ends with this status."""
    found = ""
    for command in documented():
        is_check = "--check" in command
        said = await machine.run(command.replace(ORIGIN, "/srv/origin"), status if is_check else 0)
        if command.startswith("git clone"):
            await machine.run(f"set -e; {PACKAGES}")
        if "fill it in" in command:
            await fill_in(machine, settings)
        if is_check:
            found = said
    return found


async def fill_in(machine: SystemdMachine, settings: Mapping[str, str]) -> None:
    """Give these settings in the file for them, as somebody with an editor would."""
    text = await machine.run(f"cat {SETTINGS}")
    for name, value in settings.items():
        text, lines = re.subn(rf"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        assert lines == 1, name
    await machine.run(f"cat > {SETTINGS}", given=text.encode())


async def shown(machine: SystemdMachine, name: str) -> str:
    """A property of the service, as systemd shows it."""
    return (await machine.run(f"systemctl show --value -p {name} animate-bot")).strip()


async def wait_shown(machine: SystemdMachine, name: str, value: str) -> None:
    async with asyncio.timeout(60):
        while await shown(machine, name) != value:
            await asyncio.sleep(0.1)


async def deliver(house: House, picture: bytes) -> None:
    await house.discord.wait_ready()
    image = Upload("photo.jpg", picture, "image/jpeg")
    message = await house.delivered(await house.animate(image=image))
    assert len(message.attachments) == 1


async def test_a_wrong_setting_is_told_and_no_restart_tried(machine: SystemdMachine) -> None:
    found = await install(machine, {"PIKA_API_KEY": "pk_of_nobody"}, EXIT_SETTING)
    assert "WRONG DISCORD_TOKEN is missing" in found
    await wait_shown(machine, "ActiveState", "failed")
    assert await shown(machine, "ExecMainStatus") == str(EXIT_SETTING)
    assert await shown(machine, "NRestarts") == "0"
    status = await machine.run("systemctl status animate-bot", NOT_RUNNING)
    assert "DISCORD_TOKEN is missing" in status


async def test_the_service_works_within_its_limits(house: House, machine: SystemdMachine) -> None:
    assert "WRONG" not in await install(machine, settings_of(house))
    await deliver(house, photo())
    await deliver(house, photo(*LARGEST))
    assert await machine.run("systemctl is-enabled animate-bot") == "enabled\n"
    user = (await machine.run("stat -c %u /var/lib/private/animate-bot")).strip()
    await its_processes_are_bound(machine, user)
    await all_else_is_closed(machine, user)
    await commands_reach_its_data(machine)
    await machine.run("systemctl restart animate-bot")
    await deliver(house, photo())


async def its_processes_are_bound(machine: SystemdMachine, user: str) -> None:
    """The bot and its child processes, without any rights, and with a limit on memory."""
    found = await machine.run(f"cat $(pgrep -u {user} | sed 's|.*|/proc/&/status|')")
    processes = found.split("Name:")[1:]
    assert len(processes) >= 3
    for status in processes:
        assert "CapBnd:\t0000000000000000\n" in status
        assert "NoNewPrivs:\t1\nSeccomp:\t2\n" in status
    limits = "/sys/fs/cgroup/memory/system.slice/animate-bot.service/memory.limit_in_bytes"
    limit = await machine.run(
        f"cat {limits} || cat /sys/fs/cgroup/system.slice/animate-bot.service/memory.max", 0, 1
    )
    # A system may have its own reasons to leave memory undivided.
    assert str(1200 * 1024**2) in limit or "No such file" in limit


async def all_else_is_closed(machine: SystemdMachine, user: str) -> None:
    """What the bot's user finds where the bot is."""
    inside = (
        f"nsenter --mount --target {await shown(machine, 'MainPID')}"
        f" setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs"
    )
    await machine.run(f"{inside} touch /var/lib/animate-bot/written /tmp/written")
    assert await machine.run("rm /var/lib/animate-bot/written && ls /tmp/written", 2)
    for closed in "touch /opt/animate-bot/x", "touch /run/x", f"cat {SETTINGS}", "ls /root":
        said = await machine.run(f"{inside} {closed}", 1, 2)
        assert "Read-only file system" in said or "Permission denied" in said, said


async def commands_reach_its_data(machine: SystemdMachine) -> None:
    assert '"status": "ok"' in await machine.run("deploy/as-service health")
    assert "is in use by an animate-bot" in await machine.run("deploy/as-service --check")
    assert "pika,2,0.40,2,0.40,0,0.00" in await machine.run("deploy/as-service report")
    assert await machine.run("deploy/as-service doubts") == "No order is in doubt.\n"
    said = await machine.run("deploy/as-service backup")
    backup, _, _ = said.partition(" is written and checked")
    assert backup.startswith("/var/lib/animate-bot/backups/"), said
    restore = f"deploy/as-service restore {backup}"
    assert "stop that one" in await machine.run(restore, EXIT_REFUSED)
    await machine.run("systemctl stop animate-bot")
    assert await shown(machine, "Result") == "success"
    assert f"{backup} is restored" in await machine.run(restore)


async def test_a_bot_that_is_killed_is_started_again(house: House, machine: SystemdMachine) -> None:
    await install(machine, settings_of(house))
    await deliver(house, photo())
    user = (await machine.run("stat -c %u /var/lib/private/animate-bot")).strip()
    await machine.run(f"kill -9 {await shown(machine, 'MainPID')}")
    await wait_shown(machine, "SubState", "auto-restart")
    assert await machine.run(f"pgrep -u {user}", 1) == ""
    await wait_shown(machine, "NRestarts", "1")
    await deliver(house, photo())


async def test_an_upgrade_beside_the_running_bot(house: House, machine: SystemdMachine) -> None:
    await install(machine, settings_of(house))
    await house.discord.wait_ready()
    version = 's/^__version__.*/__version__ = "99.0.0"/'
    await machine.run(f"sed -i '{version}' /srv/origin/bot/__init__.py && {committed('Newer')}")
    assert UPGRADE in DOCUMENT
    said = await machine.run(f"umask 077; {UPGRADE}")
    assert "is written and checked" in said
    assert "is sound" in said
    assert "animate-bot 99.0.0" in said
    await deliver(house, photo())
    # Root has compiled what the service may only read.
    await machine.run("test bot/__pycache__/__init__.*.opt-2.pyc -nt bot/__init__.py")
    assert await machine.run("find bot cogs pika ! -perm -004") == ""
