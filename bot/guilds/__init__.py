"""What belongs to a server: settings, language, time zone, audit log, log messages."""
