"""Who may spend how much, and the ledger of what was spent."""
