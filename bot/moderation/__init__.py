"""What moderators decide besides money, and the record of all they did."""
