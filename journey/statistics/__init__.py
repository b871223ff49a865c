"""Numbers in, numbers out: intervals, tests and corrections."""
