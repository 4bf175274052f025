"""The money: limits and who they are for, the ledger, and what it tells."""
