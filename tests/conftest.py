"""Settings for all tests."""

import pytest
from hypothesis import settings

# The same examples on every run and machine: a test that fails here fails everywhere. To hunt for new ones:
# pytest --hypothesis-profile=hunt
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("hunt", max_examples=1000, deadline=None)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "120")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The end-to-end run takes longest: begun last, it would keep one processor busy while the others have ended."""
    items.sort(key=lambda item: item.path.name != "test_end_to_end.py")
