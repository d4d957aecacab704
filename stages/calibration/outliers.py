"""How well planted strangers are told from the user's own pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.calibration.known import Known
from stages.calibration.quality import is_sound
from stages.calibration.shares import share, strength
from stages.contracts import calibration_record as record
from stages.contracts.params import outliers
from stages.core.calibration_outliers import held_out, nearest_cosine, not_foreign, quarters
from stages.core.content_sample import sample
from stages.core.drawings import DRAWINGS, contact_sheet
from stages.core.intervals import Proportion, clustered, proportion
from stages.core.knn import nearest
from stages.core.null_model import FEWEST
from stages.core.planted_outliers import PlantedFlags, flag_planted
from stages.sources.photographs import CLASSES, STRAYS, digits, faces, photograph

LARGEST = 10_000
"""Pictures among which strangers are planted; of more, as many are drawn."""
AT_ONCE = 0.01
"""Share of the data set that strangers make up while one of them is judged."""
SIDE = 400
"""Of drawings and contact sheets, pixels."""
NAMES = {"cluster": "clusters", "class": "classes"}
"""Of what is held out, where there are several."""

Pictures = Sequence[np.ndarray]
Encode = Callable[[Pictures], np.ndarray]


@dataclass(frozen=True, eq=False)
class Foreign:
    """Pictures that ship with packages. kinds, photographs : (m,) of each; parts of one photograph have one number."""

    pictures: list[np.ndarray]
    kinds: np.ndarray
    photographs: np.ndarray


def foreign(with_quarters: bool = True) -> Foreign:
    """Photographs, whole and in quarters, and drawings, scans and the like, whole.

    with_quarters : they say more of each photograph, but photographs are what is counted.
    """
    whole = [photograph(path) for path in STRAYS.values()]
    whole += [contact_sheet(cells, SIDE) for cells in (faces(), digits())]
    whole += [draw(SIDE, np.random.default_rng(number)) for number, draw in enumerate(DRAWINGS.values())]
    parts = [("graphic", number, picture) for number, picture in enumerate(whole)]
    for number, path in enumerate(CLASSES.values(), len(whole)):
        picture = photograph(path)
        parts += [("photograph", number, part) for part in (picture, *(quarters(picture) if with_quarters else ()))]
    kinds, photographs, pictures = zip(*parts, strict=True)
    return Foreign(list(pictures), np.array(kinds), np.array(photographs))


@dataclass(frozen=True, eq=False)
class Place:
    """Where strangers are planted: the data set, or so many of it. All of one order."""

    content_ids: np.ndarray
    vectors: np.ndarray
    indices: np.ndarray
    similarities: np.ndarray
    contents: pd.DataFrame
    clusters: np.ndarray | None
    is_drawn: bool


def calibrated(
    known: Known, foreign: Callable[[], Foreign], encode: Encode, params: outliers.Params, neighbors: int, seed: int
) -> record.Outliers | None:
    """The part of the record; None where there are too few pictures to judge any.

    Parameters
    ----------
    foreign : gives the strangers; not called where nothing can be judged.
    encode : pictures (h, w, 3) uint8 to unit rows.
    neighbors : width of the graph, where it has to be made anew.
    """
    if len(known) < FEWEST:
        return None
    place, planted = _place(known, neighbors, seed), foreign()
    vectors = encode(planted.pictures)
    ours = not_foreign(nearest_cosine(vectors, known.embeddings.vectors), planted.photographs, known.graph.similarities)
    flags = _flagged(place, vectors[~ours], params)
    found = _by_photograph(flags.flagged, planted.photographs[~ours])
    own = proportion(round(flags.false_share * len(place.vectors)), len(place.vectors))
    return record.Outliers(
        rate=params.false_discovery_rate,
        foreign=[
            *_by_kind(flags.flagged, planted, ~ours),
            *_held_out(place, params, neighbors, seed),
        ],
        recall=share(found),
        false_flags=share(own),
        why=_why(found, own, len(set(planted.photographs[ours].tolist())), place),
    )


def _place(known: Known, neighbors: int, seed: int) -> Place:
    rows = np.arange(len(known))
    if is_drawn := len(known) > LARGEST:
        rows = np.array(sample(known.embeddings.content_ids, seed, LARGEST))
    vectors = known.embeddings.vectors[rows]
    graph = nearest(vectors, neighbors) if is_drawn else (known.graph.indices, known.graph.similarities)
    contents = known.contents.iloc[rows].reset_index(drop=True)
    clusters = contents["cluster"].to_numpy(np.int64) if known.has_dense_clusters else None
    return Place(known.embeddings.content_ids[rows], vectors, *graph, contents, clusters, is_drawn)


def _flagged(place: Place, planted: np.ndarray, params: outliers.Params) -> PlantedFlags:
    usual = is_sound(place.contents)
    return flag_planted(
        place.vectors,
        place.indices,
        place.similarities,
        planted,
        params.neighbors,
        params.false_discovery_rate,
        place.clusters,
        usual=usual if 2 * usual.sum() > len(usual) else None,
        at_once=max(round(AT_ONCE * len(place.vectors)), 1),
    )


def _by_photograph(flagged: np.ndarray, photographs: np.ndarray) -> Proportion:
    """A share whose interval counts photographs: what is true of one quarter is of the next."""
    count = int(photographs.max(initial=-1)) + 1
    return clustered(np.bincount(photographs[flagged], minlength=count), np.bincount(photographs, minlength=count))


def _by_kind(flagged: np.ndarray, planted: Foreign, there: np.ndarray) -> Iterator[record.Strength]:
    told = {"photograph": "foreign photographs", "graphic": "drawings, scans and logos"}
    for kind, words in told.items():
        mine = planted.kinds[there] == kind
        yield strength(kind, "", words, _by_photograph(flagged[mine], planted.photographs[there][mine]))


def _held_out(place: Place, params: outliers.Params, neighbors: int, seed: int) -> Iterator[record.Strength]:
    """Clusters and classes as strangers to the rest; what they are is for the user to say, so they make no recall.

    The share is that of these very groups, so their pictures count; of other groups it says nothing.
    """
    labels = pd.factorize(place.contents["label"])[0]
    for kind, groups in (("cluster", place.contents["cluster"].to_numpy(np.int64)), ("class", labels)):
        hits, trials = [], []
        for number, members in held_out(groups, place.content_ids, seed):
            rest = np.flatnonzero(groups != number)
            if len(rest) >= FEWEST:
                flags = _flagged(_without(place, rest, neighbors), place.vectors[members], params)
                hits.append(int(flags.flagged.sum()))
                trials.append(len(members))
        if trials:
            one, several = f"a {kind} of yours, the rest of which", f"{len(trials)} {NAMES[kind]} of yours, whose rest"
            told = f"pictures of {one if len(trials) == 1 else several} is taken out"
            yield strength(kind, "held out", told, proportion(sum(hits), sum(trials)))


def _without(place: Place, rest: np.ndarray, neighbors: int) -> Place:
    vectors = place.vectors[rest]
    clusters = None if place.clusters is None else place.clusters[rest]
    return Place(
        place.content_ids[rest],
        vectors,
        *nearest(vectors, neighbors),
        place.contents.iloc[rest].reset_index(drop=True),
        clusters,
        place.is_drawn,
    )


def _why(found: Proportion, own: Proportion, left_out: int, place: Place) -> str:
    told = [f"Planted one in {round(1 / AT_ONCE)} among {len(place.vectors):,} of your pictures"]
    if place.is_drawn:
        told[0] += ", drawn from all"
    if left_out:
        told.append(
            f"{left_out} packaged photographs are left out: they are as near to a picture of yours as yours are to "
            f"each other"
        )
    if not found.enough:
        told.append("too few are left to tell" if found.n < 30 else "too few photographs to tell surely")
    told.append(f"of your own {own.found:,} are flagged, true outliers among them")
    return "; ".join(told) + "."
