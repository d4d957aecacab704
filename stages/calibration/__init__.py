"""The three parts of `calibrate`: duplicates, quality, outliers; each gives its part of the record."""
