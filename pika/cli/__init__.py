"""The command line of the client: `python -m pika`."""
