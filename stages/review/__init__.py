"""The app behind `winnow review`: the report's pages, decisions written at once, originals at full size."""
