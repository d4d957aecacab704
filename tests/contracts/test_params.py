from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.errors import ParamsError
from stages.contracts.params import cluster, export
from stages.contracts.params.base import load
from stages.contracts.params.sections import SECTIONS, load_all


def project(folder: Path, text: str) -> Path:
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_missing_section_has_its_defaults(tmp_path: Path) -> None:
    assert load(cluster.Params, "cluster", project(tmp_path, "data:\n  source: x\n")) == cluster.Params()


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_all(project(tmp_path, "")) == {name: model() for name, model in SECTIONS.items()}


def test_a_list_in_yaml_is_a_tuple_here(tmp_path: Path) -> None:
    assert load(export.Params, "export", project(tmp_path, "export: {remove: [unreadable], protect: []}")).remove == (
        "unreadable",
    )


def test_a_typo_in_a_key_names_the_key_meant(tmp_path: Path) -> None:
    with pytest.raises(ParamsError) as raised:
        load_all(project(tmp_path, "cluster:\n  metod: kmeans\n"))
    assert str(raised.value) == (
        "winnow: unknown key metod in section cluster\n"
        "  where:    params.yaml, cluster.metod\n"
        "  expected: method, perhaps\n"
        "  got:      metod\n"
        "  do this:  mend or delete cluster.metod in params.yaml"
    )


def test_a_typo_in_a_section_names_the_section_meant(tmp_path: Path) -> None:
    with pytest.raises(ParamsError) as raised:
        load_all(project(tmp_path, "clutser:\n  method: kmeans\n"))
    assert raised.value.expected == "cluster, perhaps"
    assert raised.value.got == "clutser"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("cluster: {method: dbscan}", "cluster.method"),
        ("cluster: {min_samples: '5'}", "cluster.min_samples"),
        ("cluster: {min_samples: 2.5}", "cluster.min_samples"),
        ("cluster: {min_samples: true}", "cluster.min_samples"),
        ("cluster: {min_samples: 0}", "cluster.min_samples"),
        ("export: {remove: [everything]}", "export.remove.0"),
        ("measure: {dark: 7}", "measure.dark"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ParamsError) as raised:
        load_all(project(tmp_path, text))
    assert where in str(raised.value.where)
    assert raised.value.got is not None


@pytest.mark.parametrize("text", ["- a\n- b\n", "cluster: 3\n", "cluster: [1]\n", "a: b: c\n", "\t"])
def test_what_is_no_mapping_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ParamsError):
        load_all(project(tmp_path, text))


def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ParamsError) as raised:
        load_all(project(tmp_path, "cluster:\n  method: [hdbscan\nembed: {}\n"))
    assert "line 3, column" in str(raised.value.where)
    assert raised.value.got == "expected ',' or ']', but got ':'"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="not there"):
        load_all(tmp_path)


def test_a_byte_order_mark_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="byte order mark"):
        load(cluster.Params, "cluster", project(tmp_path, "\ufeffcluster: {k: 3}"))
