"""What is kept about a member, in all servers: written out for them, or deleted, as they ask."""
