"""What the project needs to look at itself: a browser, and pictures for the README."""
