"""A local stand-in for Pika: four wires to it, their job life and bill, and a real renderer."""

from playground.pika.jobs.behaviour import Behaviour
from playground.pika.server import PikaStandIn, WireName

__all__ = ["Behaviour", "PikaStandIn", "WireName"]
