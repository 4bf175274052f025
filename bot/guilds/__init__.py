"""A server's own: settings, language, time zone, audit log, messages to its log channel."""
