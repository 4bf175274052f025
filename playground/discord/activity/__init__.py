"""What goes on: messages, interactions, registered commands, files."""
