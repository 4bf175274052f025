"""What members use: `/animate`, `/usage`, offers."""
