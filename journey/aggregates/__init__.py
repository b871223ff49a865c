"""The only floor that scans rows; everything above is arithmetic on its small additive tables."""
