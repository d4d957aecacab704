"""Settings for all tests."""

from hypothesis import settings

# The same examples on every run and machine: a test that fails here fails everywhere. To hunt for new ones:
# pytest --hypothesis-profile=hunt
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("hunt", max_examples=1000, deadline=None)
settings.load_profile("same")
