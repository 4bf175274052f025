"""How long the bot waits in tests, in the proportions of the real times.

Apart from `tests/house.py`, so that the process that forks bots need not import the stand-ins.
"""

from __future__ import annotations

from datetime import timedelta

from bot.base import Timeouts

QUICK = Timeouts(
    pika=timedelta(seconds=5),
    render=timedelta(minutes=30),
    discord=timedelta(seconds=5),
    backoff=timedelta(milliseconds=20),
    longest_backoff=timedelta(milliseconds=100),
    read_back=timedelta(milliseconds=100),
    gap_scale=0.02,
    erasure_look=timedelta(milliseconds=300),
    file_look=timedelta(milliseconds=300),
    # Tests are about what is done daily, or it is not done, at whatever hour they run.
    daily_look=timedelta(days=1),
    notice_look=timedelta(milliseconds=300),
)
