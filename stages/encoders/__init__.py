"""Image-text encoders: pictures and words in, unit vectors of one space out. The only place that imports torch."""
