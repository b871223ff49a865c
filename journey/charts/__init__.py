"""One answer in, one Altair chart out."""
