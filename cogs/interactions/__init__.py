"""What commands and buttons share: routing, rights, options for targets, channels, reasons."""
