from __future__ import annotations

from types import SimpleNamespace

import pytest

from stages.calibration.shares import share
from stages.contracts.calibration_record import OwnPair, Share
from stages.contracts.vocabulary import QualityIssue
from stages.core.intervals import proportion
from stages.pages import calibration, words
from stages.report import read_facts, run
from tests.pages import calibrated, dataset
from tests.pages.decode import Page, data


@pytest.fixture(scope="module")
def page(project: SimpleNamespace) -> Page:
    return Page(project.files["calibration.html"])


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Twenty images: nothing can be told."""
    root = dataset.make(tmp_path_factory.mktemp("few"), dataset.clean(6), calibration=calibrated.record(few=True))
    return dict(run(read_facts(root)))


def test_every_kind_of_copy_is_told_in_plain_words_with_its_n_and_interval(project: SimpleNamespace) -> None:
    html = project.files["calibration.html"]
    for one in project.facts.calibration.duplicates.transforms:
        told = one.told.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;")
        sentence = f"Of copies {told}, Winnow finds {words.figure(one.share)} on your images, n = 200"
        assert f'aria-label="{sentence}"' in html


def test_every_interval_is_drawn_where_it_was_measured(project: SimpleNamespace) -> None:
    html = project.files["calibration.html"]
    record = project.facts.calibration
    shares = [one.share for one in record.duplicates.transforms]
    shares += [one.share for measured in record.quality for one in measured.strengths]
    shares += [one.share for one in record.outliers.foreign]
    for one in shares:
        low, width, at = 100 * one.low, 100 * (one.high - one.low), 100 * one.share
        assert f'left:{low:.1f}%;width:{width:.1f}%"></i><i class="at" style="left:{at:.1f}%"' in html
    assert html.count('class="between"') == len(shares)


def test_the_hardest_copies_are_named_worst_first(project: SimpleNamespace, page: Page) -> None:
    transforms = project.facts.calibration.duplicates.transforms
    worst = [one for one in sorted(transforms, key=lambda one: one.share.share) if one.share.share < 0.95]
    named = calibration.hardest(transforms)
    assert [one.told for one in named] == [one.told for one in worst[:3]]
    assert named == []
    assert "Hardest to find" not in page.text
    fewer = [
        one.model_copy(update={"share": of_200(n)}) for one, n in zip(transforms, (90, 180, 170, 120, 199), strict=True)
    ]
    assert [one.share.found for one in calibration.hardest(fewer)] == [90, 120, 170]


def of_200(found: int) -> Share:
    return share(proportion(found, 200))


def of_0() -> Share:
    return share(proportion(0, 0))


def test_the_threshold_in_force_is_told_with_where_it_comes_from(page: Page) -> None:
    text = " ".join(page.text.split())
    assert "The threshold in force is 0.6, the default of the literature." in text
    assert "The default finds most of the planted copies." in text
    record = calibrated.record().duplicates
    assert calibration.source(record, 0.7) == "set by you in params.yaml"
    assert calibration.source(record.model_copy(update={"source": "calibrated"}), 0.6) == "calibrated on your images"


def test_where_no_packaged_picture_is_foreign_a_held_out_cluster_speaks_for_outliers() -> None:
    strangers = calibrated.record().outliers
    assert calibration.flagged(strangers) == ("Foreign pictures flagged", strangers.recall)
    assert calibration.flagged(None) == ("Foreign pictures flagged", None)
    nothing = strangers.model_copy(update={"recall": of_0()})
    assert calibration.flagged(nothing) == ("Foreign pictures flagged", of_0())
    cluster = strangers.foreign[0].model_copy(update={"kind": "cluster", "share": of_200(170)})
    known = nothing.model_copy(update={"foreign": [*strangers.foreign, cluster]})
    assert calibration.flagged(known) == ("Pictures of held-out clusters flagged", of_200(170))


@pytest.fixture(scope="module")
def set_by_user(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The threshold in force is 0.75, and at that two pairs of the user's own are unconfirmed, not three."""
    shots = dataset.clean(6)
    ids = [shot.content_id for shot in shots]
    pairs = [
        OwnPair(picture=0, a=ids[0], b=ids[i], level=level, agreement=level, phash_distance=99 + i, cosine=0.61)
        for i, level in ((1, 0.76), (2, 0.75), (3, 0.74))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(dataset.MOVED, "threshold", dataset.MOVED["threshold"] | {"value": 0.75})
        root = dataset.make(tmp_path_factory.mktemp("set"), shots, calibration=calibrated.record(unconfirmed=pairs))
    facts = read_facts(root)
    return SimpleNamespace(facts=facts, files=dict(run(facts)), shots=shots)


def test_where_the_user_set_a_number_every_figure_is_that_of_the_number(set_by_user: SimpleNamespace) -> None:
    transforms = calibrated.record().duplicates.transforms
    found, n = sum(one.share.found for one in transforms), sum(one.share.n for one in transforms)
    told = set_by_user.facts.metrics["calibration"]["duplicates"]
    assert (told["threshold"], told["threshold_auto"], told["unconfirmed"]) == (0.75, 0.6, 2)
    assert (told["recall_n"], told["recall"]) == (n, pytest.approx(found / n, abs=1e-4))
    assert (told["precision_n"], told["precision"]) == (found + 2, pytest.approx(found / (found + 2), abs=1e-4))
    recall = words.figure(set_by_user.facts.calibration.duplicates.recall)
    pages = {
        name: " ".join(Page(content).text.split()) for name, content in set_by_user.files.items() if ".html" in name
    }
    recall = " ".join(recall.split())
    assert f"Of {n:,} copies planted among your images, Winnow finds {recall}" in pages["duplicates.html"]
    assert recall in pages["index.html"]
    assert f"At 0.75 it finds {recall} of the planted copies" in pages["calibration.html"]


def test_it_is_said_who_set_it_and_what_auto_would_take(set_by_user: SimpleNamespace) -> None:
    text = " ".join(Page(set_by_user.files["calibration.html"]).text.split())
    assert (
        "The threshold in force is 0.75, set by you in params.yaml. Left to itself (auto), Winnow would take 0.6."
        in text
    )


def test_pairs_that_nobody_confirmed_are_listed_and_precision_is_a_lower_bound(set_by_user: SimpleNamespace) -> None:
    page = " ".join(Page(set_by_user.files["calibration.html"]).text.split())
    assert "2 pairs of the altered images and others of yours are accepted" in page
    rows = [f"{set_by_user.shots[0].path}{set_by_user.shots[i].path}" for i in (1, 2, 3)]
    assert [f"{row}{end}" in page for row, end in zip(rows, ("76 %0.61100", "75 %0.61101", "74 %"), strict=True)] == [
        True,
        True,
        False,
    ]
    for name in ("calibration.html", "index.html", "duplicates.html"):
        assert "at least" in Page(set_by_user.files[name]).text
    tried = {one["threshold"]: one["text"] for one in data(set_by_user.files, "calibration")["tried"]}
    assert "at least" in tried[0.7]
    assert "at least" not in tried[0.8]


def test_under_the_lowest_that_was_tried_the_page_says_which_figures_these_are(tmp_path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(dataset.MOVED, "threshold", dataset.MOVED["threshold"] | {"value": 0.2})
        root = dataset.make(tmp_path, dataset.clean(6), calibration=calibrated.record())
    text = " ".join(Page(dict(run(read_facts(root)))["calibration.html"]).text.split())
    assert "The figures are those at 0.3, the lowest threshold that was tried." in text


def test_other_thresholds_can_be_tried_and_say_what_the_record_says(project: SimpleNamespace) -> None:
    tried = data(project.files, "calibration")["tried"]
    points = project.facts.calibration.duplicates.curve
    assert [one["threshold"] for one in tried] == [point.threshold for point in points]
    for one, point in zip(tried, points, strict=True):
        assert f"find {words.figure(point.recall)} of the planted" in one["text"]
        assert f"and {words.figure(point.precision)} of the pairs" in one["text"]
    assert calibration.nearest(points, 0.61) == 3
    assert 'value="3"' in project.files["calibration.html"]


def test_every_threshold_is_listed_with_what_a_tenth_does_the_most_first(project: SimpleNamespace) -> None:
    rows = calibration.thresholds(project.facts)
    assert {row["key"] for row in rows} == {
        "duplicates.threshold",
        "duplicates.threshold_pixels",
        "outliers.false_discovery_rate",
        *(f"measure.{issue}" for issue in QualityIssue),
    }
    assert all("".join(row["parts"]) == row["key"] for row in rows)
    moved = [row["moved"]["looser"] + row["moved"]["stricter"] for row in rows]
    assert moved == sorted(moved, reverse=True)
    found = {row["key"]: row for row in rows}
    assert found["duplicates.threshold"]["moved"] == {"looser": 5, "stricter": 2}
    assert found["duplicates.threshold"]["value"] == 0.6
    assert found["measure.dark"]["value"] == 0.2


def test_the_metrics_have_the_main_figures(project: SimpleNamespace) -> None:
    record, told = project.facts.calibration, project.facts.metrics["calibration"]
    assert told["duplicates"]["recall"] == pytest.approx(record.duplicates.recall.share, abs=1e-4)
    assert told["duplicates"]["recall_n"] == 200
    assert set(told["quality"]) == {"dark", "blurry"}
    assert told["outliers"]["recall_low"] == pytest.approx(record.outliers.recall.low, abs=1e-4)


def test_with_too_few_images_nothing_is_claimed(few: dict) -> None:
    page = Page(few["calibration.html"])
    text = " ".join(page.text.split())
    assert text.count("too few to tell") >= 2 + len(calibrated.KINDS)
    assert "too few of your images to tell" in text
    assert "Too few images to judge any" in text
    assert 'class="at"' not in few["calibration.html"]
    assert 'id="try"' not in few["calibration.html"]
    assert data(few, "calibration") == {"tried": []}
    assert 'svg viewBox="0 0 100 100"' not in few["calibration.html"]
    assert Page(few["index.html"]).text.count("too few to tell") == 3
    assert "too few to tell" in Page(few["quality.html"]).text
    assert "too few images to tell how many copies" in Page(few["duplicates.html"]).text


def test_nothing_at_all_was_measured(tmp_path) -> None:
    record = calibrated.record(few=True)
    nothing = record.duplicates.model_copy(update={"transforms": [], "curve": [], "negatives": 0})
    record = record.model_copy(update={"sample": 0, "quality": [], "duplicates": nothing})
    files = dict(run(read_facts(dataset.make(tmp_path, [], calibration=record))))
    text = Page(files["calibration.html"]).text
    assert "There are no images of yours to alter" in text
    assert "Nothing could be planted" in text
    assert "Nothing was planted" in text
