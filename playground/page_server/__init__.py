"""The server side of the page: its files, its API, and what one person is shown."""
