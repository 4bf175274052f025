"""A local stand-in for Pika: its HTTP wire, its job life and bill, and a real renderer."""

from playground.pika.behaviour import Behaviour
from playground.pika.server import PikaStandIn

__all__ = ["Behaviour", "PikaStandIn"]
