from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.cluster_changes import cluster_changes


def clusters(**members: str) -> pd.DataFrame:
    """`clusters(c0="abc", noise="d")`: a letter is a content."""
    rows = [
        {"content_id": letter, "cluster": -1 if name == "noise" else int(name[1:])}
        for name, letters in members.items()
        for letter in letters
    ]
    return pd.DataFrame(rows, columns=["content_id", "cluster"]).astype({"cluster": int})


def told(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple]:
    found = cluster_changes(before, after)
    rows = found[["state", "before", "after", "size_before", "size_after"]].astype(object)
    return list(rows.where(rows.notna(), None).itertuples(index=False, name=None))


def test_a_cluster_is_its_members_whatever_its_number() -> None:
    before, after = clusters(c0="abcd", c1="xyz"), clusters(c0="xyz", c1="abcd")
    assert sorted(told(before, after)) == [("same", 0, 1, 4, 4), ("same", 1, 0, 3, 3)]


def test_new_images_make_a_cluster_grow_and_not_another() -> None:
    assert told(clusters(c0="abc"), clusters(c5="abcdefghijk")) == [("grown", 0, 5, 3, 11)]
    assert told(clusters(c0="abcdefghijk"), clusters(c5="abc")) == [("shrunk", 0, 5, 11, 3)]


def test_merged_clusters_are_one_grown_and_one_gone_which_is_told_where() -> None:
    found = cluster_changes(clusters(c0="abcdef", c1="xyz"), clusters(c0="abcdefxyz")).set_index("state")
    assert found.loc["grown", "before"] == 0
    assert (found.loc["gone", "before"], found.loc["gone", "kin"], found.loc["gone", "kin_share"]) == (1, 0, 1.0)
    assert found.loc["gone", "elsewhere"] == 0


def test_a_split_in_halves_keeps_one_partner() -> None:
    found = cluster_changes(clusters(c0="abcd"), clusters(c0="ab", c1="cd"))
    assert found["state"].tolist() == ["shrunk", "born"] or set(found["state"]) == {"shrunk", "born"}
    born = found.set_index("state").loc["born"]
    assert (born["kin"], born["kin_share"]) == (0, 1.0)


def test_less_than_half_in_common_is_another_cluster() -> None:
    states = cluster_changes(clusters(c0="abcdef"), clusters(c0="ab", c1="cd", c2="ef"))["state"]
    assert sorted(states) == ["born", "born", "born", "gone"]


def test_what_dissolves_into_noise_is_gone_and_says_so() -> None:
    found = cluster_changes(clusters(c0="abcd"), clusters(noise="abcd"))
    assert found[["state", "kin", "kin_share"]].to_numpy().tolist() == [["gone", -1, 1.0]]


def test_a_cluster_of_new_images_is_born_from_nowhere() -> None:
    found = cluster_changes(clusters(c0="abc"), clusters(c0="abc", c1="xyz")).set_index("state")
    assert found.loc["born", "kin"] is pd.NA
    assert found.loc["born", "elsewhere"] == 1


def test_copies_count_as_images_but_not_twice_as_members() -> None:
    assert told(clusters(c0="aaab"), clusters(c0="ab")) == [("shrunk", 0, 0, 4, 2)]


def test_empty_versions() -> None:
    none = clusters()
    assert told(none, none) == []
    assert told(none, clusters(c0="ab", noise="c")) == [("born", None, 0, 0, 2)]
    assert told(clusters(c0="ab"), none) == [("gone", 0, None, 2, 0)]


LABELS = st.lists(st.integers(-1, 4), min_size=0, max_size=40)


@settings(max_examples=25)
@given(LABELS, LABELS)
def test_every_cluster_is_told_once(before: list[int], after: list[int]) -> None:
    sides = [
        pd.DataFrame({"content_id": [f"{i}" for i in range(len(x))], "cluster": x}, dtype=object)
        for x in (before, after)
    ]
    sides = [side.astype({"cluster": int}) for side in sides]
    found = cluster_changes(*sides)
    for name, labels in (("before", before), ("after", after)):
        assert sorted(found[name].dropna()) == sorted({label for label in labels if label >= 0})
        kept = [sum(label == number for label in labels) for number in found[name].dropna()]
        assert found.loc[found[name].notna(), f"size_{name}"].tolist() == kept
    assert (found["jaccard"].dropna() >= 0.5).all()


@settings(max_examples=25)
@given(LABELS)
def test_a_version_against_itself_is_the_same_throughout(labels: list[int]) -> None:
    rows = pd.DataFrame({"content_id": [f"{i}" for i in range(len(labels))], "cluster": labels}).astype(
        {"cluster": int}
    )
    assert set(cluster_changes(rows, rows)["state"]) <= {"same"}
