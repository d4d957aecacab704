from __future__ import annotations

from stages.contracts.identity import digest, item_id
from stages.core.decisions import apply
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
