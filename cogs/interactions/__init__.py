"""What commands and buttons share: routing, rights, options for people, channels and reasons."""
