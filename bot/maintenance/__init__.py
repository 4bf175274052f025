"""What keeps an installation in order: backups, what is deleted in time, commands."""
