from __future__ import annotations

from stages.contracts.identity import digest, item_id
from stages.core.decisions import apply, disputes, named
from stages.core.decisions import said as in_words
from tests import frames


def said(images, *rows: dict) -> dict[str, str]:
    return apply(frames.decisions(*rows), images).by_item["decision"].to_dict()


def test_nothing_decided() -> None:
    applied = apply(frames.decisions(), frames.images({"path": "a.jpg"}))
    assert applied.by_item.empty
    assert applied.ambiguous.empty
    assert applied.unmatched.empty


def test_a_decision_is_found_by_path_and_content() -> None:
    assert said(frames.images({"path": "a.jpg"}), {"path": "a.jpg", "decision": "drop"}) == {item_id("a.jpg"): "drop"}


def test_a_row_written_by_hand_may_name_the_path_alone() -> None:
    row = {"path": "a.jpg", "content_id": "", "decision": "drop"}
    assert said(frames.images({"path": "a.jpg"}), row) == {item_id("a.jpg"): "drop"}
    assert said(frames.images({"path": "b.jpg", "content_id": digest(b"x")}), row) == {}


def test_a_moved_file_keeps_its_decision() -> None:
    moved = frames.images({"path": "new/a.jpg", "content_id": digest(b"a.jpg")})
    assert said(moved, {"path": "a.jpg", "decision": "drop"}) == {item_id("new/a.jpg"): "drop"}


def test_a_file_with_other_content_under_the_same_path_is_another_image() -> None:
    changed = frames.images({"path": "a.jpg", "content_id": digest(b"something else")})
    applied = apply(frames.decisions({"path": "a.jpg", "decision": "drop"}), changed)
    assert applied.by_item.empty
    assert applied.unmatched["path"].tolist() == ["a.jpg"]


def test_of_two_copies_the_one_named_is_meant() -> None:
    both = frames.images({"path": "a.jpg"}, {"path": "b.jpg", "content_id": digest(b"a.jpg")})
    assert said(both, {"path": "a.jpg", "decision": "drop"}) == {item_id("a.jpg"): "drop"}


def test_a_content_under_several_other_paths_is_ambiguous() -> None:
    content = digest(b"a.jpg")
    images = frames.images({"path": "b.jpg", "content_id": content}, {"path": "c.jpg", "content_id": content})
    applied = apply(frames.decisions({"path": "a.jpg", "decision": "drop"}), images)
    assert applied.by_item.empty
    assert applied.ambiguous["line"].tolist() == [2]


def test_the_newest_wins_whatever_its_line() -> None:
    newer = {"path": "a.jpg", "decision": "keep", "decided_at": "2026-02-01T00:00:00Z"}
    older = {"path": "a.jpg", "decision": "drop", "decided_at": "2026-01-01T00:00:00Z"}
    assert said(frames.images({"path": "a.jpg"}), newer, older) == {item_id("a.jpg"): "keep"}


def test_at_the_same_time_the_later_line_wins() -> None:
    rows = [{"path": "a.jpg", "decision": word} for word in ("keep", "drop")]
    assert said(frames.images({"path": "a.jpg"}), *rows) == {item_id("a.jpg"): "drop"}


def test_undecided_takes_a_word_back() -> None:
    rows = [{"path": "a.jpg", "decision": word} for word in ("drop", "undecided")]
    assert said(frames.images({"path": "a.jpg"}), *rows) == {}


def test_a_row_may_name_the_item_alone_and_several_such_rows_are_several() -> None:
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg"})
    rows = [{"path": "", "content_id": "", "item_id": item_id(name), "decision": "drop"} for name in ("a.jpg", "b.jpg")]
    assert said(images, *rows) == {item_id("a.jpg"): "drop", item_id("b.jpg"): "drop"}


def test_an_item_id_tells_copies_apart_and_yields_to_what_speaks_against_it() -> None:
    content = digest(b"a.jpg")
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg", "content_id": content}, {"path": "c.jpg"})
    own = {"item_id": item_id("b.jpg"), "decision": "drop"}
    assert said(images, {**own, "path": "", "content_id": content}) == {item_id("b.jpg"): "drop"}
    assert said(images, {**own, "path": "", "content_id": digest(b"c.jpg")}) == {item_id("c.jpg"): "drop"}
    assert said(images, {**own, "path": "c.jpg", "content_id": ""}) == {item_id("c.jpg"): "drop"}
    assert said(images, {**own, "path": "gone.jpg", "content_id": ""}) == {}


def test_a_path_may_begin_with_a_dot() -> None:
    row = {"path": "./hat/a.jpg", "content_id": "", "decision": "drop"}
    assert said(frames.images({"path": "hat/a.jpg"}), row) == {item_id("hat/a.jpg"): "drop"}


def test_a_date_alone_is_the_end_of_its_day() -> None:
    by_hand = {"path": "a.jpg", "decision": "keep", "decided_at": "2026-11-23"}
    for time, word in [("2026-11-23T01:00Z", "keep"), ("2026-11-24T00:00Z", "drop")]:
        page = {"path": "a.jpg", "decision": "drop", "decided_at": time}
        assert said(frames.images({"path": "a.jpg"}), by_hand, page) == {item_id("a.jpg"): word}


def test_rows_name_their_items_in_full_and_keep_an_undo() -> None:
    images = frames.images({"path": "a.jpg"}, {"path": "b.mp4", "frame": 3})
    applied = apply(
        frames.decisions(
            {"path": "b.mp4", "frame": "3", "content_id": "", "decision": "drop"},
            {"path": "gone.jpg", "decision": "drop"},
            {"path": "a.jpg", "decision": "keep", "decided_at": "2026-01-01"},
            {"path": "a.jpg", "content_id": "", "decision": "undecided", "decided_at": "2026-01-02"},
        ),
        images,
    )
    names = ["item_id", "content_id", "path", "frame", "decision"]
    expected = images.assign(frame=["", "3"], decision=["undecided", "drop"])[names].to_numpy().tolist()
    assert applied.rows[names].to_numpy().tolist() == expected[::-1]


def test_a_row_is_named_by_whatever_cell_is_filled_in() -> None:
    rows = [
        {"path": "a.mp4", "frame": "3", "content_id": "c", "item_id": "i"},
        {"path": "", "frame": "", "content_id": "c", "item_id": "i"},
        {"path": "", "frame": "", "content_id": "", "item_id": "i"},
        dict.fromkeys(["path", "frame", "content_id", "item_id"], ""),
    ]
    assert [named(row) for row in rows] == ["a.mp4, frame 3", "content_id c", "item_id i", "a row that names no image"]


def disputed(*rows: dict) -> list[str]:
    """What is told of rows on a.jpg; a row that leaves the content out still means it."""
    both = ({"path": "a.jpg", **row} for row in rows)
    found = apply(frames.decisions(*both), frames.images({"path": "a.jpg"})).disputed
    return [in_words(row) for row in found.to_dict("records")]


def test_rows_that_disagree_about_one_image_are_told_however_they_name_it() -> None:
    ann = {"decision": "drop", "reviewer": "ann", "decided_at": "2026-01-02"}
    bob = {"decision": "relabel", "label": "cat", "reviewer": "bob", "decided_at": "2026-01-01", "content_id": ""}
    assert disputed(ann, bob) == ["ann said drop, bob said relabel cat; the newer holds, ann"]
    assert disputed(bob, ann) == ["bob said relabel cat, ann said drop; the newer holds, ann"]
    by_id = {"path": "", "content_id": "", "item_id": item_id("a.jpg"), "decision": "keep"}
    assert disputed(by_id, ann) == ["nobody by name said keep, ann said drop; the newer holds, ann"]


def test_rows_of_one_time_that_disagree_are_told_whoever_wrote_them() -> None:
    rows = [{"decision": word, "decided_at": at} for word in ("keep", "drop") for at in ("2026-01-01", "")]
    assert disputed(rows[0], rows[2]) == disputed(rows[1], rows[3]) == [
        "nobody by name said keep, nobody by name said drop; of one time, so the later row holds"
    ]  # fmt: skip


def test_who_thinks_again_or_takes_back_or_agrees_disputes_nothing() -> None:
    def row(who: str, word: str, day: int) -> dict:
        return {"decision": word, "reviewer": who, "decided_at": f"2026-01-0{day}"}

    assert disputed(row("ann", "drop", 1), row("ann", "keep", 2)) == []
    assert disputed(row("ann", "drop", 1), row("bob", "drop", 1)) == []
    assert disputed(row("ann", "drop", 1), row("bob", "undecided", 2)) == []
    assert disputed(row("bob", "keep", 1), row("bob", "drop", 2), row("ann", "drop", 3)) == []
    assert len(disputed(row("ann", "drop", 1), row("bob", "keep", 2), row("ann", "drop", 3))) == 1


def test_what_no_image_has_is_disputed_by_its_own_cells() -> None:
    rows = [{"path": "", "content_id": "c", "decision": word, "reviewer": word} for word in ("keep", "drop")]
    (found,) = disputes(frames.decisions(*rows)).to_dict("records")
    assert (named(found), found["won"]) == ("content_id c", "drop")
