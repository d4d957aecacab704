"""Two lists of decisions become one."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.decisions import COLUMNS
from stages.core.merging import KEY, WORD, merge
from tests import frames

EARLY, LATE = "2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z"


def decisions(*rows: tuple) -> pd.DataFrame:
    """Rows of (path, decision, label, reviewer, decided_at)."""
    full = [
        dict.fromkeys(COLUMNS, "")
        | {"content_id": f"c-{path}", "path": path, "decision": word, "label": label, "reviewer": who, "decided_at": at}
        for path, word, label, who, at in rows
    ]
    frame = pd.DataFrame(full, columns=COLUMNS).astype(object)
    return frame.assign(line=range(2, len(frame) + 2))


def words(merged) -> list[tuple]:
    return list(map(tuple, merged.rows[["path", "decision", "label"]].to_numpy()))


def test_new_rows_come_after_the_old_in_order_of_path():
    first = decisions(("z.jpg", "drop", "", "ann", EARLY))
    second = decisions(("b.jpg", "keep", "", "bob", EARLY), ("a.jpg", "drop", "", "bob", EARLY))
    merged = merge(first, second)
    assert [path for path, *_ in words(merged)] == ["z.jpg", "a.jpg", "b.jpg"]
    assert (merged.added, merged.changed, len(merged.conflicts)) == (2, 0, 0)


def test_the_newer_wins_whichever_file_it_is_in():
    old, new = decisions(("a.jpg", "drop", "", "ann", EARLY)), decisions(("a.jpg", "keep", "", "ann", LATE))
    assert words(merge(old, new)) == words(merge(new, old)) == [("a.jpg", "keep", "")]
    assert (merge(old, new).changed, merge(new, old).changed) == (1, 0)


def test_at_equal_times_the_second_list_wins():
    one, other = decisions(("a.jpg", "drop", "", "ann", EARLY)), decisions(("a.jpg", "keep", "", "ann", EARLY))
    assert words(merge(one, other)) == [("a.jpg", "keep", "")]


def test_an_undo_stays_and_holds_against_an_older_word():
    word, undo = decisions(("a.jpg", "drop", "", "ann", EARLY)), decisions(("a.jpg", "undecided", "", "ann", LATE))
    merged = merge(word, undo).rows
    assert words(merge(merged.assign(line=2), word)) == [("a.jpg", "undecided", "")]


def test_two_reviewers_who_disagree_are_told():
    ann, bob = decisions(("a.jpg", "drop", "", "ann", EARLY)), decisions(("a.jpg", "relabel", "cat", "bob", LATE))
    (conflict,) = merge(ann, bob).conflicts.to_dict("records")
    assert (conflict["decision_first"], conflict["label_second"], conflict["won"]) == ("drop", "cat", "bob")


def test_one_reviewer_who_thinks_again_is_no_conflict_nor_is_an_undo():
    ann = decisions(("a.jpg", "drop", "", "ann", EARLY))
    assert merge(ann, decisions(("a.jpg", "keep", "", "ann", LATE))).conflicts.empty
    assert merge(ann, decisions(("a.jpg", "undecided", "", "bob", LATE))).conflicts.empty
    assert merge(ann, decisions(("a.jpg", "drop", "", "bob", LATE))).conflicts.empty


def test_nothing_and_nothing():
    assert merge(decisions(), decisions()).rows.empty


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a.jpg", "b.jpg", "c.jpg"]),
        st.sampled_from(["keep", "drop", "undecided"]),
        st.just(""),
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["", EARLY, LATE]),
    ),
    max_size=6,
)


@given(ROWS, ROWS)
def test_every_image_keeps_one_row_and_merging_again_changes_nothing(first, second):
    a, b = decisions(*first), decisions(*second)
    once = merge(a, b)
    assert not once.rows.duplicated(KEY).any()
    assert set(once.rows["path"]) == set(a["path"]) | set(b["path"])
    again = merge(once.rows.assign(line=range(2, len(once.rows) + 2)), b)
    assert again.rows[KEY + WORD].equals(once.rows[KEY + WORD])


def test_rows_about_one_image_meet_however_they_name_it():
    images = frames.images({"path": "a.jpg"})
    own = images.iloc[0]
    full = {"item_id": own["item_id"], "content_id": own["content_id"], "path": "a.jpg"}
    word = {"decision": "drop", "reviewer": "ann", "decided_at": EARLY}
    first = frames.decisions({**full, **word})
    for name in full:
        other = {**dict.fromkeys(full, ""), name: full[name], "decision": "keep", "reviewer": "bob", "decided_at": LATE}
        merged = merge(first, frames.decisions(other), images)
        assert merged.rows[list(full)].to_dict("records") == [full]
        assert (merged.added, merged.changed, merged.conflicts["won"].tolist()) == (0, 1, ["bob"])


def test_rows_that_reach_no_image_stay_as_they_are_and_apart():
    ids = [{"item_id": name, "content_id": "", "path": "", "decision": "drop"} for name in ("one", "two")]
    merged = merge(
        frames.decisions(ids[0]),
        frames.decisions(ids[1], {"path": "gone.jpg", "decision": "drop"}),
        frames.images({"path": "a.jpg"}),
    )
    assert sorted(merged.rows["item_id"]) == ["", "one", "two"]
    assert merged.added == 2


def test_what_is_older_than_what_is_held_is_counted():
    held = decisions(("a.jpg", "drop", "", "ann", LATE), ("b.jpg", "drop", "", "ann", EARLY))
    late = decisions(("a.jpg", "keep", "", "ann", ""), ("b.jpg", "keep", "", "ann", LATE))
    assert (merge(held, late).older, merge(held, held).older) == (1, 0)
