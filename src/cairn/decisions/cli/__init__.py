"""Commands for records and logs."""
