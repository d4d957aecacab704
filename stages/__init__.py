"""Winnow: what is in a folder of images, what is wrong with it, and what to keep.

The whole pipeline, in the order in which DVC runs it. One stage is one module, one
``cmd`` in ``dvc.yaml`` and one section of ``params.yaml``::

    ingest       a row per image, readable or not, and why not        images
    measure      pixel statistics, perceptual hashes, thumbnails      quality, thumbnails
    fetch        which encoder, which revision, and why this one      encoder.json
    embed        one unit vector per distinct content                 embeddings
    connect      the k-nearest-neighbour graph that others share      neighbors
    cluster      HDBSCAN or k-means on the embedding                  clusters
    calibrate    what is found on planted copies; thresholds          calibration.json
    deduplicate  duplicate pairs, groups, a keeper, leaks             pairs, duplicates
    score        outlier scores by distance, and a calibrated flag    outliers
    classify     zero-shot labels, labels in doubt, cluster names     labels, cluster_names
    index        vectors and ids for `winnow search`                  index.lance
    project      2-D coordinates, for drawing only                    map
    export       who stays, who goes and why; every count             verdicts, export/, metrics
    report       the pages that people look at                        reports/

A stage imports ``contracts`` (what may cross a file boundary), ``core`` (pure functions on
arrays and tables), ``engines`` (where they run), ``sources``, ``encoders``, ``exports`` (what is
read, looked through and written), and, where it has one, a package of its own (``calibration``,
``pages``); never another stage. ``tests/test_layers.py`` holds who may import whom.
"""

from stages.engines.processors import share_threads

share_threads()  # before numpy and the others are loaded, and count the processors of the whole machine
