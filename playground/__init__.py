"""Local stand-ins for Discord and Pika: the demo without accounts, and the fixture of the tests.

They are honest adversaries: they import none of the bot's packages, speak raw JSON over real
sockets, enforce the limits of the services they stand for and misbehave on request.
"""
